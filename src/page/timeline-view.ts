/** A scenario's timelines: the lines of all subjects under each other, drawn as they come into sight. */
import type { TimelineData } from '../model/page-data.ts';
import { moved, type Place } from './timeline-cursor.ts';
import {
  LINE_HEIGHT,
  PATTERNS,
  axisSvg,
  barText,
  linesSvg,
  xOf,
  type Scale,
} from './timeline-lines.ts';

const AXIS = 32;
/** Lines drawn above and below what is in sight. */
const SPARE = 8;
const LEAST_WIDTH = 620;
const ZOOMS = [1, 2, 4, 8, 16];

export class TimelineView {
  readonly #data: TimelineData;
  readonly #scroll = element('div', 'tl-scroll');
  readonly #sheet = element('div', 'tl-sheet');
  readonly #names = element('div', 'tl-names');
  readonly #axis = element('div', 'tl-axis');
  readonly #plot = element('div', '');
  readonly #said = element('p', 'tl-said dim');
  #zoom = 0;
  #drawn = '';
  #place: Place | undefined;

  /** Draws the data (JSON) into the frame. */
  static show(frame: HTMLElement, json: string): void {
    new TimelineView(frame, JSON.parse(json) as TimelineData);
  }

  private constructor(frame: HTMLElement, data: TimelineData) {
    this.#data = data;
    this.#said.setAttribute('aria-live', 'polite');
    this.#said.textContent = 'Point at a bar, or walk with the arrow keys, to read what it is.';
    this.#scroll.tabIndex = 0;
    this.#scroll.setAttribute('role', 'application');
    this.#scroll.setAttribute(
      'aria-label',
      `timelines of ${data.subjects.join(' and ')}, ${data.lines.length} lines; arrow keys walk from bar to bar`,
    );
    this.#sheet.append(this.#axis, this.#names, this.#plot);
    this.#scroll.append(this.#sheet);
    frame.append(this.#tools(), this.#scroll, this.#said);
    this.#scroll.addEventListener('scroll', () => {
      requestAnimationFrame(() => {
        this.#draw();
      });
    });
    this.#scroll.addEventListener('keydown', (event) => {
      this.#key(event);
    });
    this.#scroll.addEventListener('pointerover', ({ target }) => {
      const place = placeOf(target);
      if (place !== undefined) this.#say(place);
    });
    this.#scroll.addEventListener('click', (event) => {
      this.#choose(event.target);
    });
    new ResizeObserver(() => {
      this.#layOut();
    }).observe(frame);
    this.#layOut();
  }

  #tools(): HTMLElement {
    const tools = element('div', 'tl-tools');
    const button = (text: string, label: string, act: () => void): HTMLElement => {
      const made = document.createElement('button');
      made.type = 'button';
      made.textContent = text;
      made.setAttribute('aria-label', label);
      made.addEventListener('click', act);
      return made;
    };
    tools.append(
      button('−', 'zoom out', () => {
        this.#zoomBy(-1);
      }),
      button('+', 'zoom in', () => {
        this.#zoomBy(1);
      }),
      document.createTextNode(`${this.#data.lines.length} lines`),
    );
    return tools;
  }

  get #nameWidth(): number {
    return this.#names.offsetWidth;
  }

  get #scale(): Scale {
    const room = Math.max(LEAST_WIDTH, this.#scroll.clientWidth - this.#nameWidth);
    const width = Math.floor(room * (ZOOMS[this.#zoom] ?? 1));
    return { from: this.#data.from, to: this.#data.to, width };
  }

  #zoomBy(by: number): void {
    const before = this.#scale.width;
    const middle = (this.#scroll.scrollLeft + this.#scroll.clientWidth / 2) / before;
    this.#zoom = Math.min(ZOOMS.length - 1, Math.max(0, this.#zoom + by));
    this.#layOut();
    this.#scroll.scrollLeft = middle * this.#scale.width - this.#scroll.clientWidth / 2;
  }

  /** After a change of size. */
  #layOut(): void {
    const scale = this.#scale;
    const height = this.#data.lines.length * LINE_HEIGHT;
    this.#sheet.style.cssText = `width:${scale.width + this.#nameWidth}px;height:${height + AXIS}px`;
    this.#axis.style.cssText = `height:${AXIS}px;width:${scale.width + this.#nameWidth}px`;
    this.#names.style.height = `${height}px`;
    this.#axis.innerHTML = svg(scale.width, AXIS, this.#nameWidth, 0, axisSvg(this.#data, scale));
    this.#drawn = '';
    this.#draw();
  }

  #draw(): void {
    const scale = this.#scale;
    const { scrollTop, clientHeight } = this.#scroll;
    // In steps of the spare lines, so that most scrolls draw nothing new.
    const top = Math.floor((scrollTop - AXIS) / LINE_HEIGHT / SPARE) * SPARE;
    const first = Math.max(0, top - SPARE);
    const count = Math.ceil(clientHeight / LINE_HEIGHT) + 3 * SPARE;
    const last = Math.min(this.#data.lines.length, first + count);
    const key = `${first} ${last} ${scale.width}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    const offset = AXIS + first * LINE_HEIGHT;
    const lines = PATTERNS + linesSvg(this.#data, scale, first, last);
    this.#plot.innerHTML = svg(
      scale.width,
      (last - first) * LINE_HEIGHT,
      this.#nameWidth,
      offset,
      lines,
    );
    this.#names.replaceChildren(...this.#nameLines(first, last));
    this.#mark();
  }

  #nameLines(first: number, last: number): readonly HTMLElement[] {
    const { lines, subjects } = this.#data;
    return lines.slice(first, last).map(({ label, of }, index) => {
      const isFirst = lines[first + index - 1]?.label !== label;
      const name = element('div', isFirst || index === 0 ? 'first' : '');
      name.style.top = `${(first + index) * LINE_HEIGHT}px`;
      name.title = `${label} on ${subjects[of] ?? ''}`;
      const text = document.createElement('span');
      text.textContent = isFirst || index === 0 ? label : '';
      const subject = element('span', 'of');
      subject.textContent = subjects[of] ?? '';
      name.append(text, subject);
      return name;
    });
  }

  #key(event: KeyboardEvent): void {
    if (event.key === '+' || event.key === '-') {
      this.#zoomBy(event.key === '+' ? 1 : -1);
    } else if (/^(Arrow|Home$|End$|Page)/.test(event.key)) {
      this.#go(moved(this.#data, this.#place, event.key));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #choose(target: EventTarget | null): void {
    const place = placeOf(target);
    if (place !== undefined) this.#go(place);
  }

  /** Chooses a bar, brings it into sight and says what it is. */
  #go(place: Place): void {
    this.#place = place;
    const line = this.#data.lines[place.line];
    const bar = line?.bars[place.bar];
    const y = place.line * LINE_HEIGHT;
    const { scrollTop, clientHeight, scrollLeft, clientWidth } = this.#scroll;
    if (y < scrollTop) this.#scroll.scrollTop = y;
    if (y + AXIS + LINE_HEIGHT > scrollTop + clientHeight)
      this.#scroll.scrollTop = y + AXIS + LINE_HEIGHT - clientHeight;
    if (bar !== undefined) {
      const x = xOf(this.#scale, bar[0]);
      const room = clientWidth - this.#nameWidth;
      if (x < scrollLeft || x > scrollLeft + room) this.#scroll.scrollLeft = x - room / 3;
    }
    this.#draw();
    this.#mark();
    this.#say(place);
  }

  #say({ line: at, bar: index }: Place): void {
    const line = this.#data.lines[at];
    const bar = line?.bars[index];
    const subject = this.#data.subjects[line?.of ?? 0] ?? '';
    this.#said.textContent = `${line?.label ?? ''} on ${subject}: ${bar === undefined ? 'nothing was seen' : barText(bar)}`;
  }

  #mark(): void {
    this.#plot.querySelector('.chosen')?.classList.remove('chosen');
    if (this.#place === undefined) return;
    const { line, bar } = this.#place;
    this.#plot.querySelector(`[data-bar="${line}.${bar}"]`)?.classList.add('chosen');
  }
}

/** The bar that an event is on. */
function placeOf(target: EventTarget | null): Place | undefined {
  const id = target instanceof Element ? target.getAttribute('data-bar') : null;
  if (id === null) return undefined;
  const [line = 0, bar = 0] = id.split('.').map(Number);
  return { line, bar };
}

function element(name: 'div' | 'p' | 'span', className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

const svg = (width: number, height: number, left: number, top: number, content: string): string =>
  `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="left:${left}px;top:${top}px" aria-hidden="true">${content}</svg>`;
