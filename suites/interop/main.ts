/** `node suites/interop/main.ts [ENGINE …] [DIRECTION …]`: plays the claims without Jest and prints how each went. Exit code 1 when one did not hold. */
import { labBasics, setUp } from '../../src/command/set-up.ts';
import { ENGINE_LINES } from '../../src/model/engines.ts';
import { DIRECTIONS, playDirection } from './play-direction.ts';

const args = process.argv.slice(2);
const chosen = <T extends string>(all: readonly T[]): readonly T[] => {
  const named = all.filter((each) => args.includes(each));
  return named.length === 0 ? all : named;
};
const engines = chosen(ENGINE_LINES);
const ready = await setUp(engines);
let failures = 0;
for (const engine of engines) {
  const began = performance.now();
  const outcomes = await Promise.all(
    chosen(DIRECTIONS).map((direction) =>
      playDirection(direction, labBasics(ready, engine), (line) => {
        process.stdout.write(`${line}\n`);
      }),
    ),
  );
  for (const each of outcomes) failures += [...each.values()].filter((seen) => seen !== '').length;
  process.stdout.write(`engine ${engine}: ${Math.round((performance.now() - began) / 1000)} s\n`);
}
process.exitCode = failures === 0 ? 0 : 1;
