import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { escapeText } from './escape-text.js';

/** Okabe and Ito's colours, apart for every kind of sight, and apart from a white and a dark page. */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#8a7a00'] as const;

/** Words and lines have the colour of the page's text, which a dark page changes. */
const CONFIG = {
  // The picture as a whole has its words; its parts would repeat them.
  aria: false,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    domain: false,
    gridColor: 'currentColor',
    gridOpacity: 0.16,
    tickColor: 'currentColor',
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    titleFontWeight: 'normal',
  },
  legend: { labelColor: 'currentColor', titleColor: 'currentColor' },
  text: { color: 'currentColor' },
} as const;

/**
 * An SVG of its own, drawn by Vega-Lite.
 * @param alt said to who cannot see it
 * @param spec Vega-Lite's, without `config`
 */
export async function drawPlot(alt: string, spec: object): Promise<string> {
  const whole = { background: 'transparent', padding: 4, ...spec, config: CONFIG };
  const view = new View(parse(compile(whole as unknown as TopLevelSpec).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return svg.replace('<svg ', `<svg role="img" aria-label="${escapeText(alt)}" `);
  } finally {
    view.finalize();
  }
}
