#include <opencv2/core.hpp>

#include "impasto/base/error.h"
#include "impasto/image/opencv.h"
#include "support/catch.h"

using namespace impasto;

namespace {

template <class Sample>
std::vector<int> numbers(const BasicImage<Sample>& image) {
  return {image.pixels().begin(), image.pixels().end()};
}

}  // namespace

TEST_CASE("cv::Mat: BGR becomes RGB, BGRA becomes RGBA, grey becomes three equal channels") {
  const cv::Mat bgr = (cv::Mat_<cv::Vec3b>(1, 2) << cv::Vec3b(1, 2, 3), cv::Vec3b(4, 5, 6));
  CHECK(numbers(image_from_mat(bgr)) == std::vector{3, 2, 1, 6, 5, 4});

  const cv::Mat bgra = (cv::Mat_<cv::Vec4b>(2, 1) << cv::Vec4b(1, 2, 3, 4), cv::Vec4b(5, 6, 7, 8));
  const Image rgba = image_from_mat(bgra);
  CHECK(rgba.width() == 1);
  CHECK(rgba.height() == 2);
  CHECK(numbers(rgba) == std::vector{3, 2, 1, 4, 7, 6, 5, 8});

  const cv::Mat grey = (cv::Mat_<std::uint8_t>(1, 2) << 7, 9);
  CHECK(numbers(image_from_mat(grey)) == std::vector{7, 7, 7, 9, 9, 9});
}

TEST_CASE("cv::Mat: 16 bits stay 16 bits") {
  const cv::Mat bgr = (cv::Mat_<cv::Vec3w>(1, 1) << cv::Vec3w(1000, 2000, 65535));
  CHECK(numbers(image16_from_mat(bgr)) == std::vector{65535, 2000, 1000});
  const cv::Mat grey = (cv::Mat_<std::uint16_t>(1, 1) << 300);
  CHECK(numbers(image16_from_mat(grey)) == std::vector{300, 300, 300});
  CHECK(cv::norm(mat_from_image(image16_from_mat(bgr)), bgr, cv::NORM_INF) == 0);
  CHECK(mat_from_image(image16_from_mat(bgr)).type() == CV_16UC3);
}

TEST_CASE("cv::Mat: a region is taken without its surroundings, and there and back is the same") {
  cv::Mat whole(7, 9, CV_8UC4);
  cv::RNG(5).fill(whole, cv::RNG::UNIFORM, 0, 256);
  const cv::Mat region = whole(cv::Rect(2, 1, 5, 4));
  const Image image = image_from_mat(region);
  CHECK(image.width() == 5);
  CHECK(image.height() == 4);
  const cv::Mat back = mat_from_image(image);
  CHECK(back.type() == CV_8UC4);
  CHECK(cv::norm(back, region, cv::NORM_INF) == 0);
}

TEST_CASE("cv::Mat: memory is not shared") {
  cv::Mat mat(1, 1, CV_8UC3, cv::Scalar::all(1));
  const Image image = image_from_mat(mat);
  mat.setTo(cv::Scalar::all(9));
  CHECK(numbers(image) == std::vector{1, 1, 1});
  cv::Mat copy = mat_from_image(image);
  copy.setTo(cv::Scalar::all(9));
  CHECK(numbers(image) == std::vector{1, 1, 1});
}

TEST_CASE("cv::Mat: what is no picture of the depth is refused by its type") {
  CHECK_THROWS_WITH(image_from_mat(cv::Mat()),
                    "cv::Mat: expected a picture of type CV_8UC1, CV_8UC3 or CV_8UC4, found an "
                    "empty one");
  CHECK_THROWS_WITH(image_from_mat(cv::Mat(2, 2, CV_32FC3)),
                    "cv::Mat: expected a picture of type CV_8UC1, CV_8UC3 or CV_8UC4, found "
                    "CV_32FC3");
  CHECK_THROWS_AS(image_from_mat(cv::Mat(2, 2, CV_8UC2)), ConfigError);
  CHECK_THROWS_AS(image_from_mat(cv::Mat(2, 2, CV_16UC3)), ConfigError);
  CHECK_THROWS_WITH(image16_from_mat(cv::Mat(2, 2, CV_8UC3)),
                    ContainsSubstring("type CV_16UC1, CV_16UC3 or CV_16UC4, found CV_8UC3"));
  const int sizes[] = {2, 2, 2};
  CHECK_THROWS_WITH(image_from_mat(cv::Mat(3, sizes, CV_8UC3)),
                    ContainsSubstring("found CV_8UC3 of 3 dimensions"));
  CHECK(mat_from_image(Image()).empty());
}
