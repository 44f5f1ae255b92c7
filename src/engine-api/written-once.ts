import type { EngineLine } from '../model/engines.ts';
import { encodeGo, Written } from './go-encode.ts';
import type { GoStruct } from './go-type.ts';

/**
 * Writes what lists show of an object once for each line of engines. An object of the store never changes, another one takes its place; most of what a list
 * shows was in the list before.
 */
export function writtenOnce<T extends object>(
  render: (object: T) => Record<string, unknown>,
  type: GoStruct,
): (object: T, engine: EngineLine) => Written {
  const byEngine = new Map<EngineLine, WeakMap<T, Written>>();
  return (object, engine) => {
    let texts = byEngine.get(engine);
    if (texts === undefined) byEngine.set(engine, (texts = new WeakMap()));
    let written = texts.get(object);
    if (written === undefined) {
      written = new Written(encodeGo(render(object), type, engine));
      texts.set(object, written);
    }
    return written;
  };
}
