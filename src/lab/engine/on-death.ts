/** Clean-up that also happens when the process is told to die. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** In the order in which they were registered; undone from the end, so a program dies before its folder goes. */
const cleanUps: (() => void)[] = [];

/**
 * Has `cleanUp` (which must not wait for anything) called at process.exit and at deadly signals, until the returned
 * function takes it off again. Whoever else listens for the signal decides whether the process ends; when nobody does,
 * it ends as it would have without us.
 */
export function onDeath(cleanUp: () => void): () => void {
  if (cleanUps.length === 0) listen();
  cleanUps.push(cleanUp);
  return () => {
    const at = cleanUps.indexOf(cleanUp);
    if (at >= 0) cleanUps.splice(at, 1);
    if (cleanUps.length === 0) unlisten();
  };
}

function runAll(): void {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
}

function runAllAndDie(signal: NodeJS.Signals): void {
  runAll();
  unlisten();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function listen(): void {
  process.on('exit', runAll);
  for (const name of SIGNALS) process.on(name, runAllAndDie);
}

function unlisten(): void {
  process.removeListener('exit', runAll);
  for (const name of SIGNALS) process.removeListener(name, runAllAndDie);
}
