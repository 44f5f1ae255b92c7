/** What the page does once it is read. */
import { DeepLinks } from './deep-links.ts';
import { Finder } from './finder.ts';
import { listenToKeys } from './keyboard.ts';
import { TimelineView } from './timeline-view.ts';

const finder = new Finder(document);
const links = new DeepLinks(document, () => {
  finder.clear();
});
listenToKeys(document, finder);

/** Timelines are drawn when somebody opens them: most are never looked at. */
function drawIn(scenario: HTMLDetailsElement): void {
  const frame = scenario.querySelector<HTMLElement>('.timeline');
  const data = frame?.nextElementSibling;
  if (frame === null || data == null || frame.childElementCount > 0) return;
  TimelineView.show(frame, data.textContent);
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      const scenario = target.closest('details');
      if (!isIntersecting || scenario === null) continue;
      watcher.unobserve(target);
      drawIn(scenario);
    }
  },
  { rootMargin: '300px' },
);
for (const frame of document.querySelectorAll('.timeline')) watcher.observe(frame);
links.follow();
finder.read();
