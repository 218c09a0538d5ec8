import { describe, expect, it } from 'vitest';
import { markupProblems } from '../testing/markup-problems.ts';
import { withNotice } from './notice.ts';
import { pageHtml } from './page-html.ts';

const page = pageHtml({
  title: 'Model',
  subtitle: 'of a test',
  footer: 'Made for a test',
  sections: [{ id: 'one', title: 'One', lead: 'A lead.', blocks: [] }],
  script: 'void 0;',
  data: '',
  parts: { readout: '', trades: '' },
});

describe('withNotice', () => {
  it('says one sentence in the head, the last one', () => {
    const once = withNotice(page, 'p* is 0.5 & not 0.6 <now>');
    const twice = withNotice(once, 'p* is $& and 0.7');
    expect(once).toContain('<strong>p* is 0.5 &amp; not 0.6 &lt;now&gt;</strong></p></header>');
    expect(twice.replace(/<p role="note">.*?<\/p>/, '')).toBe(page);
    expect(markupProblems(twice.replace('<!doctype html>\n', ''), false)).toEqual(
      markupProblems(page.replace('<!doctype html>\n', ''), false),
    );
  });

  it('leaves a page without a head as it is', () => {
    expect(withNotice('<!doctype html>\n', 'x')).toBe('<!doctype html>\n');
  });
});
