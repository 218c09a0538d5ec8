/** Drawings as pictures: resvg compiled to WebAssembly, so it is the same on every system, with a font of its own. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Pixels per unit of the drawing: sharp on the screens of phones. */
const ZOOM = 2;

let ready: Promise<void> | null = null;

/** Renders SVG text to the bytes of a PNG file. The same text gives the same bytes. */
export async function pngRenderer(): Promise<(svg: string) => Uint8Array> {
  ready ??= initWasm(bytesAt(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  await ready;
  const font = bytesAt(import.meta.resolve('@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff2'));
  const options = {
    font: {
      fontBuffers: [font],
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
      loadSystemFonts: false,
    },
    fitTo: { mode: 'zoom' as const, value: ZOOM },
  };
  return (svg) => {
    const renderer = new Resvg(svg, options);
    try {
      return renderer.render().asPng();
    } finally {
      renderer.free();
    }
  };
}

function bytesAt(url: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(url)));
}
