import { COLOURS, INK } from './draw.ts';

/** The report's style: light, dark by the reader's preference, and light again on paper. Plots take its inks. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: ${INK.text}; --faint: ${INK.faint}; --line: ${INK.line}; --tint: #f6f8fa;
  --blue: ${COLOURS.blue}; --orange: ${COLOURS.orange}; --green: ${COLOURS.green};
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --faint: #9198a1; --line: #30363d; --tint: #151b23;
    --blue: #2b8fd6; --orange: #e8711a; --green: #17b58a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--blue); }
nav a { margin-right: 1.25rem; }
.faint { color: var(--faint); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; }
.tile { flex: 1 1 9rem; padding: .8rem 1rem; background: var(--tint); border: 1px solid var(--line); border-radius: 8px; }
.tile b { display: block; font-size: 1.65rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile small { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; margin: .75rem 0; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
thead th { color: var(--faint); font-weight: normal; white-space: nowrap; }
td.name { white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.first td, tr.first th { border-top: 2px solid var(--line); }
tr.model td { font-weight: 600; }
.facts th { color: var(--faint); font-weight: normal; white-space: nowrap; }
.facts td, code { overflow-wrap: anywhere; }
code, pre { font: .85em/1.45 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { background: var(--tint); padding: .8rem 1rem; border-radius: 8px; overflow-x: auto; }
figure { margin: 1.75rem 0; overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; }
svg text { font-family: inherit; }
svg [fill='${INK.text}'] { fill: var(--text); } svg [stroke='${INK.text}'] { stroke: var(--text); }
svg [fill='${INK.faint}'] { fill: var(--faint); } svg [stroke='${INK.faint}'] { stroke: var(--faint); }
svg [fill='${INK.line}'] { fill: var(--line); } svg [stroke='${INK.line}'] { stroke: var(--line); }
${(['blue', 'orange', 'green'] as const)
  .map((name) => `svg [fill='${COLOURS[name]}'] { fill: var(--${name}); } svg [stroke='${COLOURS[name]}'] { stroke: var(--${name}); }`)
  .join('\n')}
.mistakes { counter-reset: mistake; list-style: none; padding: 0; }
.mistakes li { padding: .8rem 0; border-bottom: 1px solid var(--line); }
.mistakes blockquote { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.mistakes ul { list-style: none; margin: .4rem 0 0; padding: 0 0 0 1rem; font-size: .88rem; border-left: 3px solid var(--line); }
.mistakes ul li { padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
.is { color: var(--blue); } .called { color: var(--orange); }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-before: page; border: 0; }
  h3 { break-after: avoid; }
  figure, tr, .mistakes > li, .tile { break-inside: avoid; }
  svg { max-height: 250mm; }
  nav { display: none; }
}
`;
