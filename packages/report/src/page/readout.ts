/** The value of a time series at one instant, chosen with a slider or the pointer: part of the page's script. */
import { amountText, percentText } from '../format/number-text.ts';
import type { PageDocument, PageElement } from './dom.ts';
import type { EquityPoints } from './page-data.ts';
import { minuteText } from './trade-chart.ts';

export function startReadout(page: PageDocument, points: EquityPoints): void {
  const slider = page.querySelector('#readout-slider');
  const output = page.querySelector('#readout-text');
  if (slider === null || output === null) return;
  const charts = Array.from(page.querySelectorAll('svg[data-from]'));
  const show = (at: number): void => {
    const timeMs = points.timesMs[at];
    const depth = points.depthFrac[at];
    const below = depth < 0 ? `${percentText(-depth)} below the peak before` : 'at its peak';
    const text = `${minuteText(timeMs)} UTC: ${amountText(points.equityUsd[at])}, ${below}`;
    output.textContent = text;
    slider.setAttribute('aria-valuetext', text);
    for (const chart of charts) moveCross(chart, timeMs);
  };
  slider.addEventListener('input', () => show(Number(slider.value)));
  for (const chart of charts) {
    chart.addEventListener('pointermove', ({ clientX }) => {
      const at = nearestPoint(points.timesMs, timeAtPointer(chart, clientX));
      slider.value = String(at);
      show(at);
    });
  }
}

export function numberOf(element: PageElement, name: string): number {
  return Number(element.getAttribute(`data-${name}`));
}

export function moveCross(chart: PageElement, timeMs: number): void {
  const cross = chart.querySelector('.c-cross');
  if (cross === null) return;
  const [left, right, from, to] = ['left', 'right', 'from', 'to'].map((name) => numberOf(chart, name));
  const x = String(left + ((timeMs - from) / (to - from || 1)) * (right - left));
  cross.setAttribute('x1', x);
  cross.setAttribute('x2', x);
  cross.setAttribute('visibility', 'visible');
}

/** The instant under the pointer. */
export function timeAtPointer(chart: PageElement, clientX: number): number {
  const [left, right, from, to, width] = ['left', 'right', 'from', 'to', 'width'].map((name) => numberOf(chart, name));
  const box = chart.getBoundingClientRect();
  const x = ((clientX - box.left) / box.width) * width;
  return from + ((x - left) / (right - left)) * (to - from);
}

/** Position of the last time at or before the instant, or the first. */
export function nearestPoint(timesMs: readonly number[], timeMs: number): number {
  let [low, high] = [0, timesMs.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (timesMs[middle] <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
