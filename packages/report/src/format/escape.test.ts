import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedJson, escapeMarkdown, escapeXml } from './escape.ts';

const HOSTILE = string({ unit: 'binary', maxLength: 30 });

describe('escapeXml', () => {
  it.each([
    ['<script>', '&lt;script&gt;'],
    [`"'&`, '&quot;&#39;&amp;'],
    ['&amp;', '&amp;amp;'],
    ['a\u0000b\u001bc', 'abc'],
    ['名前 \u202egnp.exe\u2066', '名前 gnp.exe'],
  ])('%j', (text, expected) => {
    expect(escapeXml(text)).toBe(expected);
  });

  it('leaves nothing that ends a text or an attribute, whatever the text', () => {
    assert(
      property(HOSTILE, (text) => {
        expect(escapeXml(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('embeddedJson', () => {
  it('gives the value back and can end no element', () => {
    const value = { text: '</script><!--<script>', quote: `"'&`, none: null };
    expect(embeddedJson(value)).not.toMatch(/[<>]/);
    expect(JSON.parse(embeddedJson(value))).toEqual(value);
  });
});

describe('escapeMarkdown', () => {
  it.each([
    ['a | b', String.raw`a \| b`],
    ['<img src=x>', String.raw`\<img src=x\>`],
    ['[x](javascript:y)', String.raw`\[x\](javascript:y)`],
    ['# title', String.raw`\# title`],
    ['- item', String.raw`\- item`],
    ['1. item', String.raw`1\. item`],
    ['===', String.raw`\===`],
    ['+12.30 USD (tp)', '+12.30 USD (tp)'],
    ['2024', '2024'],
    ['line\nbreak\r\n\t here', 'line break here'],
    ['a\u202eb\u00a0c', 'ab\u00a0c'],
    ['rs_percentile_min', String.raw`rs\_percentile\_min`],
  ])('%j', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});
