/** How the pages are called and look, and who may embed them. */
export interface PortalSettings {
  /** Null: the pages' own words. */
  name: string | null;
  /** A path of this origin or a data: URL; null for the horn. */
  logo: string | null;
  /** Colours as #rrggbb; null for the pages' own. */
  accent: { light: string; dark: string } | null;
  /** Origins whose pages may show the portal in a frame. The console is never shown in one. */
  frameAncestors: readonly string[];
}

/** Until they can be set. */
export const PORTAL_SETTINGS: PortalSettings = { name: null, logo: null, accent: null, frameAncestors: [] };
