/** The style of the report's page; the page's policy holds its hash. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #ffffff; --ink: #1d2530; --soft: #5d6875;
  --line: #dfe2e6; --bar: #2f6f9f; --mark: #b3412c; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12161b; --card: #1a2027; --ink: #e4e8ec; --soft: #97a3af; --line: #2e3741;
    --bar: #5aa2d6; --mark: #f08a70; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 1100px; margin: 0 auto; padding: 0 20px; }
header { display: flex; align-items: baseline; gap: 16px; flex-wrap: wrap; padding-top: 24px; }
h1 { font-size: 24px; margin: 0; }
h2 { font-size: 16px; margin: 0 0 8px; }
.span, .key, .note, footer, .axis { color: var(--soft); }
.span { margin: 0; }
.key { font-weight: normal; font-size: 13px; }
.lead { font-size: 16px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px;
  margin: 0 0 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px;
  list-style: none; margin: 0 0 16px; padding: 0; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px;
  color: var(--soft); font-size: 13px; }
.tiles b { display: block; color: var(--ink); font-size: 24px; line-height: 1.2; }
.health { margin: 0; padding-left: 18px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 0 16px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
svg text.axis { fill: var(--soft); }
.bar { fill: var(--bar); }
.mark { fill: var(--mark); }
.grid { stroke: var(--line); stroke-width: 1; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.t, .a { white-space: nowrap; }
.a { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; }
.s { min-width: 260px; overflow-wrap: anywhere; }
.scan { color: var(--mark); font-weight: 600; }
footer { font-size: 12px; padding-bottom: 24px; }
@media print { section { break-inside: avoid; } }
`;
