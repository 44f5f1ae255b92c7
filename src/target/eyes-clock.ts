/** The observers' own time, so that the same code watches real engines and simulated ones. */
export interface EyesClock {
  /** Milliseconds that never jump. */
  now(): number;
  /** Calls back once after so many milliseconds; the answer takes it back. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The time of real engines. */
export const realClock: EyesClock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
