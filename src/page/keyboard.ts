import type { Finder } from './finder.ts';

/** Keys of the whole page; those of a timeline are its own. */
export function listenToKeys(document: Document, finder: Finder): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (event.key === 'Escape') {
      finder.clear();
      if (target instanceof HTMLElement) target.blur();
    }
    if (isTyping) return;
    const act = ACTS[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act(finder);
  });
}

const ACTS: Readonly<Record<string, (finder: Finder) => void>> = {
  '/': (finder) => {
    finder.focus();
  },
  j: (finder) => {
    step(finder, 1);
  },
  k: (finder) => {
    step(finder, -1);
  },
  o: (finder) => {
    const section = finder.shown[at(finder)];
    if (section instanceof HTMLDetailsElement) section.open = !section.open;
  },
};

/** Which of the shown scenarios has the focus in it; -1 for none. */
const at = (finder: Finder): number =>
  finder.shown.findIndex((section) => section.contains(document.activeElement));

function step(finder: Finder, by: number): void {
  const { shown } = finder;
  const next = shown[Math.min(shown.length - 1, Math.max(0, at(finder) + by))];
  next?.querySelector('summary')?.focus();
  next?.scrollIntoView();
}
