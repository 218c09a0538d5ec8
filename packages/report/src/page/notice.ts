/** A sentence in the head of a page that was made earlier, where what it says of the present no longer holds. */
import { escapeXml } from '../format/escape.ts';

const OPEN = '<p role="note"><strong>';
const CLOSE = '</strong></p>';
const NOTICE = /<p role="note"><strong>[^<]*<\/strong><\/p>/;
const HEAD_END = '</header>';

/** The page with the sentence below its title, in place of an earlier one. A page of another form, without a head, stays as it is. */
export function withNotice(html: string, text: string): string {
  const notice = `${OPEN}${escapeXml(text)}${CLOSE}`;
  if (NOTICE.test(html)) return html.replace(NOTICE, () => notice);
  return html.replace(HEAD_END, () => `${notice}${HEAD_END}`);
}
