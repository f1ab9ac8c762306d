#pragma once

// Private: not installed.

namespace impasto {

/// The style sheet of report.html, whose classes svg_chart uses too.
inline constexpr const char* kRunReportStyle = R"(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --ink: #1b2027; --soft: #59636e; --edge: #dde1e6;
  --grid: #e8ebef; --train: #1f6feb; --held: #bc4c00; --band: #1a7f3726; --good: #1a7f37;
  --warn: #9a3412; --warn-page: #fff3e8; --warn-edge: #f2b98a;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116; --card: #161b22; --ink: #e6eaef; --soft: #9ba6b2; --edge: #2a313a;
    --grid: #232a33; --train: #5ea3ff; --held: #ffa15c; --band: #3fb95033; --good: #56d364;
    --warn: #ffb77c; --warn-page: #2b1c10; --warn-edge: #6b4220;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1120px; padding: 28px 20px 40px; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 26px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 4px; }
p { margin: 4px 0 12px; color: var(--soft); }
.progress { height: 8px; margin: 16px 0; border-radius: 4px; background: var(--edge); overflow: hidden; }
.progress > div { height: 100%; background: var(--train); }
.facts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 10px; margin: 0;
}
.facts > div, .card {
  background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 10px 12px;
}
.facts dt { color: var(--soft); font-size: 13px; }
.facts dd { margin: 0; font-size: 20px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.facts .bad dd { color: var(--warn); }
.warning {
  background: var(--warn-page); border: 1px solid var(--warn-edge); border-left-width: 5px;
  border-radius: 8px; padding: 10px 14px; margin: 14px 0; color: var(--ink);
}
.warning strong { color: var(--warn); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 12px; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 11px; fill: var(--soft); }
svg .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
svg .value { text-anchor: end; }
svg .step, svg .none { text-anchor: middle; }
svg .grid { stroke: var(--grid); }
svg .axis { stroke: var(--soft); stroke-width: 0.8; }
svg polyline { fill: none; stroke-linejoin: round; }
svg .raw { stroke: var(--train); stroke-width: 1; opacity: 0.3; }
svg .smooth { stroke: var(--train); stroke-width: 1.8; }
svg .held { stroke: var(--held); stroke-width: 1.6; stroke-dasharray: 5 3; }
svg circle.raw, svg circle.smooth { fill: var(--train); stroke: none; }
svg circle.held { fill: var(--held); stroke: none; }
svg .band { fill: var(--band); }
svg .frame { fill: none; stroke: var(--edge); }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 16px 10px; }
.samples figure { margin: 0; }
.samples figcaption { font-size: 13px; color: var(--soft); margin-bottom: 4px; }
.samples img { display: block; width: 100%; height: auto; margin-bottom: 6px; border-radius: 4px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: right; white-space: nowrap; }
th { font-weight: 600; font-size: 13px; color: var(--soft); border-bottom: 1px solid var(--edge); }
tbody th { border-bottom: 0; font-weight: 400; color: var(--ink); font-size: 14px; }
.layers th:first-child, .layers td.state { text-align: left; }
.layers th:nth-child(2) { text-align: left; }
.layers td.curve { width: 60%; }
.layers .spark { min-width: 200px; }
.state { color: var(--soft); }
.state.good { color: var(--good); }
.state.bad { color: var(--warn); font-weight: 600; }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--soft); }
pre { margin: 8px 0 0; overflow-x: auto; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
@media print {
  body { padding: 0; max-width: none; font-size: 12px; background: none; }
  .facts > div, .card, .samples figure, tr, .warning { break-inside: avoid; }
  h2 { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; }
  .samples { grid-template-columns: repeat(8, 1fr); }
  .progress > div, svg .band { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

}  // namespace impasto
