/** The lines of Docker Engine that a lab can be built from, and that the twin can behave like; the oldest first. */
export const ENGINE_LINES = ['20.10', '26.1', '28.5'] as const;
export type EngineLine = (typeof ENGINE_LINES)[number];
