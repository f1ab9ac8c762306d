// Shows a camera or a film in a window of OpenCV's, as a style paints it.
//
//     viewer great_wave.safetensors            the first camera
//     viewer great_wave.safetensors film.mp4
//
// Space turns the style off and on, q and Escape end.

#include <impasto/image/opencv.h>
#include <impasto/infer/stylizer.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <opencv2/highgui.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

namespace {

// Small enough to be painted while somebody watches.
constexpr int kLongSide = 480;

cv::Mat scaled_down(const cv::Mat& frame) {
  const double scale = static_cast<double>(kLongSide) / std::max(frame.cols, frame.rows);
  if (scale >= 1) return frame;
  cv::Mat result;
  cv::resize(frame, result, {}, scale, scale, cv::INTER_AREA);
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && count != 3) {
    std::cerr << "expected a style model, and a film or nothing for the camera\n";
    return 2;
  }
  try {
    const auto stylizer = impasto::Stylizer::load(arguments[1]);
    cv::VideoCapture source = count == 3 ? cv::VideoCapture(arguments[2]) : cv::VideoCapture(0);
    if (!source.isOpened()) {
      std::cerr << (count == 3 ? arguments[2] : "camera 0") << ": cannot be opened\n";
      return 1;
    }

    bool paint = true;
    for (cv::Mat frame; source.read(frame);) {
      cv::Mat shown = scaled_down(frame);
      if (paint) shown = impasto::mat_from_image(stylizer(impasto::image_from_mat(shown)));
      cv::imshow("impasto", shown);
      const int key = cv::waitKey(1);
      if (key == ' ') paint = !paint;
      if (key == 'q' || key == 27) break;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
