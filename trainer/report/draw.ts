import { createRequire } from 'node:module';
import path from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { type Config, compile, type TopLevelSpec } from 'vega-lite';

/** Okabe and Ito's colours, told apart with any colour vision, on white and on black. */
export const COLOURS = {
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  purple: '#cc79a7',
} as const;

/** Colours of what is no data; a page replaces them by its own, light or dark. */
export const INK = { text: '#1f2328', faint: '#59636e', line: '#d1d9e0' } as const;

const FONT = 'DejaVu Sans';

const THEME: Config = {
  font: FONT,
  background: 'transparent',
  aria: false,
  padding: 12,
  view: { stroke: null },
  title: { anchor: 'start', color: INK.text, subtitleColor: INK.faint, fontSize: 14, subtitleFontSize: 11, offset: 14, subtitlePadding: 5 },
  axis: {
    labelColor: INK.text,
    titleColor: INK.faint,
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 11,
    gridColor: INK.line,
    domainColor: INK.line,
    tickColor: INK.line,
    labelLimit: 0,
    labelOverlap: true,
    labelFlush: false,
    titlePadding: 8,
  },
  legend: {
    orient: 'top',
    direction: 'horizontal',
    title: null,
    labelColor: INK.text,
    labelFontSize: 11,
    symbolStrokeWidth: 2,
    labelLimit: 0,
    offset: 8,
  },
  header: { labelColor: INK.text, labelFontSize: 12, titleColor: INK.faint, labelFontWeight: 'bold' },
  text: { color: INK.text, fontSize: 11 },
};

const FONTS = path.join(path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** A plot: `name` is its file's, without ending, and the title that of its specification. */
export type Figure = { name: string; title: string; svg: string };

export async function drawFigure(name: string, spec: TopLevelSpec): Promise<Figure> {
  const title = typeof spec.title === 'object' && spec.title !== null && 'text' in spec.title ? String(spec.title.text) : name;
  return { name, title, svg: await drawSvg(spec, name) };
}

/**
 * Draws a plot as SVG, without a browser.
 * @param id put before the names within the drawing, so that several fit into one page
 */
export async function drawSvg(spec: TopLevelSpec, id: string): Promise<string> {
  (vega as unknown as { textMetrics: { width: typeof widthOf } }).textMetrics.width = widthOf; // its types do not name it
  const view = new vega.View(vega.parse(compile({ ...spec, config: { ...THEME, ...spec.config } }).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/(\bid="|url\(#)/g, `$1${id}-`);
}

/** Width of a text in DejaVu's mean letters: without a canvas Vega can only guess, and guesses too wide. */
function widthOf({ fontSize = 11, fontWeight }: { fontSize?: number; fontWeight?: string | number }, text: unknown): number {
  return String(text ?? '').length * fontSize * (fontWeight === 'bold' ? 0.7 : 0.63);
}

/** Renders an SVG on white, at twice its size, the same on every machine. */
export function toPng(svg: string): Buffer {
  const files = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => path.join(FONTS, file));
  const image = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'zoom', value: 2 },
    font: { loadSystemFonts: false, fontFiles: files, defaultFontFamily: FONT },
  });
  return image.render().asPng();
}
