export interface Room {
  readonly dry: boolean;
  readonly imports: readonly string[];
  readonly alsoFiles?: readonly string[];
}
export const ROOMS: Readonly<Record<string, Room>>;
export const DOORS: Readonly<Record<string, readonly string[]>>;
export const DRY_ROOMS: readonly string[];
export const BROWSER_FOLDERS: readonly string[];
