export interface Interruption {
  readonly seen: () => boolean;
  /** From here on a signal ends the process as ever. */
  readonly end: () => void;
}

/** Without a terminal one signal may come twice: to the whole process group, and passed on by bin/swarmtwin.mjs. */
const SAME_SIGNAL_MS = 500;

/** The first Ctrl-C (or SIGTERM) asks for an orderly end; a second one ends the process at once. */
export function onInterrupt(stop: () => void): Interruption {
  let isSeen = false;
  const handle = (): void => {
    if (isSeen) return;
    isSeen = true;
    setTimeout(end, SAME_SIGNAL_MS).unref();
    stop();
  };
  const end = (): void => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return { seen: () => isSeen, end };
}
