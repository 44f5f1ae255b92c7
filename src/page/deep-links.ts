/** Addresses with a `#`: each scenario, claim, difference and timeline has one. */
export class DeepLinks {
  readonly #document: Document;
  readonly #clear: () => void;

  /** `clear` takes filters away that hide what an address names. */
  constructor(document: Document, clear: () => void) {
    this.#document = document;
    this.#clear = clear;
    addEventListener('hashchange', () => {
      this.follow();
    });
  }

  /** Opens whatever hides the named part, and brings it into sight. */
  follow(): void {
    const id = decoded(location.hash.slice(1));
    const found = id === '' || id.startsWith('?') ? null : this.#document.getElementById(id);
    if (found === null) return;
    if (found.closest('[hidden]') !== null) this.#clear();
    for (let at: Element | null = found; at !== null; at = at.parentElement)
      if (at instanceof HTMLDetailsElement) at.open = true;
    // Twice: what comes into sight for the first time gets its real height only then.
    found.scrollIntoView();
    requestAnimationFrame(() => {
      found.scrollIntoView();
    });
  }
}

/** As it stands where somebody has cut it in the middle of a sign. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
