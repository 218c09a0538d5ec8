/**
 * The few members of a browser's document that the page's script uses. The package stays pure: the compiler knows no browser here,
 * the page hands its document in, and tests can hand in another one.
 */

interface PageEvent {
  readonly target: PageElement | null;
  readonly clientX: number;
  readonly key: string;
}

export interface PageElement {
  textContent: string | null;
  innerHTML: string;
  hidden: boolean;
  disabled: boolean;
  open: boolean;
  value: string;
  readonly clientWidth: number;
  readonly parentElement: PageElement | null;
  readonly nextElementSibling: PageElement | null;
  readonly cells: ArrayLike<PageElement>;
  getAttribute: (name: string) => string | null;
  setAttribute: (name: string, value: string) => void;
  removeAttribute: (name: string) => void;
  querySelector: (selector: string) => PageElement | null;
  querySelectorAll: (selector: string) => Iterable<PageElement>;
  closest: (selector: string) => PageElement | null;
  append: (...children: PageElement[]) => void;
  after: (...siblings: PageElement[]) => void;
  remove: () => void;
  addEventListener: (type: string, listener: (event: PageEvent) => void) => void;
  getBoundingClientRect: () => { readonly left: number; readonly width: number };
}

export interface PageDocument {
  readonly body: PageElement;
  /** The window of the document. */
  readonly defaultView: { addEventListener: (type: string, listener: () => void) => void } | null;
  querySelector: (selector: string) => PageElement | null;
  querySelectorAll: (selector: string) => Iterable<PageElement>;
  createElement: (name: string) => PageElement;
}
