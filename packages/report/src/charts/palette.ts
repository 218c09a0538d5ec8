/**
 * Colours and strokes of all charts by class, once for the page (light and dark) and once for files. Blue and orange are told apart
 * with every kind of colour blindness (Okabe and Ito 2008), here in shades with a contrast of 4.5 and more on their ground.
 */

export interface Palette {
  readonly ground: string;
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  readonly accent: string;
  readonly gain: string;
  readonly loss: string;
  readonly third: string;
}

export const LIGHT: Palette = {
  ground: '#ffffff',
  surface: '#f4f6f8',
  text: '#16202b',
  muted: '#55616e',
  rule: '#d5dbe1',
  accent: '#0b5cab',
  gain: '#0b5cab',
  loss: '#b04a00',
  third: '#6b4c9a',
};

export const DARK: Palette = {
  ground: '#12171d',
  surface: '#1b222b',
  text: '#e6ebf0',
  muted: '#a3afbb',
  rule: '#364250',
  accent: '#7ab8f5',
  gain: '#7ab8f5',
  loss: '#ff9f5a',
  third: '#c3a6f0',
};

/** Shades of heat maps: with the strongest one the text on it still has a contrast of 4.5 in both palettes. */
const HEAT = [0.1, 0.2, 0.3, 0.4, 0.5] as const;

/** Style rules of the chart classes. Simple selectors only: the renderer of PNG files knows no others. */
export function chartRules(palette: Palette): string {
  const { ground, text, muted, rule, accent, gain, loss, third } = palette;
  return [
    `.c-text{fill:${text};font-size:12px;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}`,
    `.c-muted{fill:${muted}}`,
    `.c-strong{font-weight:600}`,
    `.c-grid{stroke:${rule};stroke-width:1;fill:none}`,
    `.c-zero{stroke:${muted};stroke-width:1;fill:none}`,
    `.c-base{stroke:${muted};stroke-width:1;stroke-dasharray:4 4;fill:none}`,
    `.c-line{stroke:${accent};stroke-width:1.5;fill:none;stroke-linejoin:round}`,
    `.c-second{stroke:${loss};stroke-width:1.75;stroke-dasharray:7 3;fill:none;stroke-linejoin:round}`,
    `.c-many{stroke:${accent};stroke-width:1;stroke-opacity:0.6;fill:none;stroke-linejoin:round}`,
    `.c-third{stroke:${third};stroke-width:1.75;stroke-dasharray:2 3;fill:none;stroke-linejoin:round}`,
    `.c-fourth{stroke:${text};stroke-width:1.25;stroke-dasharray:10 3 2 3;fill:none;stroke-linejoin:round}`,
    `.c-fifth{stroke:${muted};stroke-width:2;stroke-dasharray:14 5;fill:none;stroke-linejoin:round}`,
    `.c-band{fill:${accent};fill-opacity:0.18}`,
    `.c-depth{stroke:${loss};stroke-width:1;fill:${loss};fill-opacity:0.25}`,
    `.c-gain{fill:${gain}}`,
    `.c-loss{fill:${loss}}`,
    `.c-plain{fill:${muted}}`,
    `.c-cross{stroke:${text};stroke-width:1;fill:none}`,
    `.c-dot{fill:${accent};stroke:${ground};stroke-width:1.5}`,
    `.c-ring{fill:${ground};stroke:${loss};stroke-width:2}`,
    `.c-wick{stroke:${muted};stroke-width:1;fill:none}`,
    `.c-up{fill:${ground};stroke:${muted};stroke-width:1}`,
    `.c-down{fill:${muted};stroke:${muted};stroke-width:1}`,
    `.c-entry{stroke:${text};stroke-width:1.25;fill:none}`,
    `.c-stop{stroke:${loss};stroke-width:1.25;stroke-dasharray:6 3;fill:none}`,
    `.c-target{stroke:${gain};stroke-width:1.25;stroke-dasharray:6 3;fill:none}`,
    `.c-level{stroke:${third};stroke-width:2;stroke-dasharray:2 3;fill:none}`,
    `.c-held{fill:${accent};fill-opacity:0.08}`,
    `.c-mark{fill:${text};stroke:${ground};stroke-width:1.5}`,
    `.c-tstop{fill:${loss}}`,
    `.c-ttarget{fill:${gain}}`,
    `.c-tlevel{fill:${third}}`,
    `.c-cell{fill:${ground};stroke:${rule};stroke-width:1}`,
    `.c-best{fill:none;stroke:${text};stroke-width:2}`,
    ...HEAT.flatMap((opacity, k) => [
      `.c-more${k + 1}{fill:${gain};fill-opacity:${opacity}}`,
      `.c-less${k + 1}{fill:${loss};fill-opacity:${opacity}}`,
    ]),
  ].join('\n');
}
