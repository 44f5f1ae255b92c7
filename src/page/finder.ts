/** Search and filters. What is chosen stands in the address, so that it can be sent to somebody. */
const TROUBLE = ['fails', 'different', 'unstable', 'inconclusive'];
const KINDS: Readonly<Record<string, readonly string[]>> = {
  trouble: TROUBLE,
  fails: ['fails', 'different', 'unstable'],
  inconclusive: ['inconclusive'],
  known: ['known', 'not-played'],
  changed: ['changed'],
};

export class Finder {
  readonly #form: HTMLFormElement | null;
  readonly #find: HTMLInputElement | null;
  readonly #suite: HTMLSelectElement | null;
  readonly #show: HTMLSelectElement | null;
  readonly #found: Element | null;
  readonly #rows: readonly HTMLElement[];
  readonly #sections: readonly HTMLElement[];
  /** What a section says, in small letters, by the scenario's name. */
  readonly #texts = new Map<string, string>();

  constructor(document: Document) {
    this.#form = document.querySelector('form#finder');
    this.#find = document.querySelector('#find');
    this.#suite = document.querySelector('#suite');
    this.#show = document.querySelector('#show');
    this.#found = document.querySelector('#found');
    this.#rows = [...document.querySelectorAll<HTMLElement>('tr[data-of]')];
    this.#sections = [...document.querySelectorAll<HTMLElement>('details.scenario')];
    if (this.#form === null) return;
    this.#form.hidden = false;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
    });
    this.#form.addEventListener('input', () => {
      this.#apply();
    });
    // Somebody pastes an address into a page that is open.
    addEventListener('hashchange', () => {
      if (location.hash.startsWith('#?')) this.read();
    });
    document.querySelector('#clear')?.addEventListener('click', () => {
      this.clear();
    });
  }

  focus(): void {
    this.#find?.focus();
    this.#find?.select();
  }

  /** The sections that are not filtered away. */
  get shown(): readonly HTMLElement[] {
    return this.#sections.filter(({ hidden }) => !hidden);
  }

  clear(): void {
    this.#set('', '', '');
    this.#apply();
  }

  /** Takes what stands in the address: `#?find=drain&show=trouble`. */
  read(): void {
    const { hash } = location;
    const query = new URLSearchParams(hash.startsWith('#?') ? hash.slice(2) : '');
    this.#set(query.get('find') ?? '', query.get('suite') ?? '', query.get('show') ?? '');
    this.#apply();
  }

  #set(find: string, suite: string, show: string): void {
    if (this.#find !== null) this.#find.value = find;
    if (this.#suite !== null) this.#suite.value = suite;
    if (this.#show !== null) this.#show.value = show;
  }

  #apply(): void {
    const words = (this.#find?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const suite = this.#suite?.value ?? '';
    const show = this.#show?.value ?? '';
    for (const section of this.#sections)
      section.hidden = !(isOf(section, suite, show) && has(this.#textOf(section), words));
    const names = new Set(this.shown.map(({ dataset }) => dataset['of']));
    for (const row of this.#rows) {
      // That of a claim, in however many scenarios it was judged, goes by what the claim itself came to.
      row.hidden = row.id.startsWith('claim--')
        ? !(isOf(row, suite, show) && has(row.textContent.toLowerCase(), words))
        : !names.has(row.dataset['of']);
    }
    this.#say(words.length > 0 || suite !== '' || show !== '');
  }

  #textOf(section: HTMLElement): string {
    const name = section.dataset['of'] ?? '';
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const text = `${name} ${section.textContent}`.toLowerCase();
    this.#texts.set(name, text);
    return text;
  }

  #say(filtered: boolean): void {
    if (this.#found !== null)
      this.#found.textContent = filtered
        ? `${this.shown.length} of ${this.#sections.length} scenarios`
        : '';
    const query = new URLSearchParams();
    const fields = { find: this.#find, suite: this.#suite, show: this.#show };
    for (const [name, field] of Object.entries(fields))
      if (field !== null && field.value !== '') query.set(name, field.value);
    const text = query.toString();
    if (text !== '') history.replaceState(null, '', `#?${text}`);
    else if (location.hash.startsWith('#?')) history.replaceState(null, '', '#');
  }
}

function isOf({ dataset }: HTMLElement, suite: string, show: string): boolean {
  const kinds = (dataset['kinds'] ?? '').split(' ');
  const wanted = KINDS[show];
  return (
    (suite === '' || (dataset['suite'] ?? '').split(' ').includes(suite)) &&
    (wanted === undefined || wanted.some((kind) => kinds.includes(kind)))
  );
}

const has = (text: string, words: readonly string[]): boolean =>
  words.every((word) => text.includes(word));
