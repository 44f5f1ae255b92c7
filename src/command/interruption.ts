export interface Interruption {
  readonly seen: () => boolean;
  /** From here on a signal ends the process as ever. */
  readonly end: () => void;
}

/** The first Ctrl-C (or SIGTERM) asks for an orderly end; a second one ends the process at once. */
export function onInterrupt(stop: () => void): Interruption {
  let isSeen = false;
  const handle = (): void => {
    isSeen = true;
    end();
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
