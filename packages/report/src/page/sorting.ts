/** Sorting of tables by a button in each heading: part of the page's script. */
import type { PageDocument, PageElement } from './dom.ts';

export type SortKey = number | string | null;

/** Order of two keys, ascending: nothing stands last in both directions, texts by code unit. */
export function compareKeys(a: SortKey, b: SortKey, direction: 1 | -1): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return (a < b ? -1 : 1) * direction;
}

/** The direction that a click on a heading asks for: numbers from the largest on, texts from A on, then the other way round. */
export function nextDirection(heading: PageElement): 1 | -1 {
  const now = heading.getAttribute('aria-sort');
  if (now === 'descending') return 1;
  if (now === 'ascending') return -1;
  return heading.getAttribute('data-type') === 'number' ? -1 : 1;
}

/** Marks the heading by which a table is sorted. */
export function markSorted(heading: PageElement, direction: 1 | -1): void {
  const row = heading.parentElement;
  if (row === null) return;
  for (const other of row.querySelectorAll('th')) other.removeAttribute('aria-sort');
  heading.setAttribute('aria-sort', direction === 1 ? 'ascending' : 'descending');
}

/** What a cell is sorted by. */
export function cellKey(cell: PageElement, isNumber: boolean): SortKey {
  const text = cell.getAttribute('data-sort');
  if (text === null || text === '') return null;
  return isNumber ? Number(text) : text;
}

/** Makes every table with complete rows sortable. */
export function startSorting(page: PageDocument): void {
  for (const button of page.querySelectorAll('table[data-sortable] th button')) {
    button.addEventListener('click', () => {
      const heading = button.closest('th');
      const body = button.closest('table')?.querySelector('tbody') ?? null;
      if (heading === null || body === null) return;
      const direction = nextDirection(heading);
      const column = Number(heading.getAttribute('data-column'));
      const isNumber = heading.getAttribute('data-type') === 'number';
      const rows = Array.from(body.querySelectorAll('tr'), (row) => ({
        row,
        key: cellKey(row.cells[column], isNumber),
      }));
      rows.sort((a, b) => compareKeys(a.key, b.key, direction));
      body.append(...rows.map(({ row }) => row));
      markSorted(heading, direction);
    });
  }
}
