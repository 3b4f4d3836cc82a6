import type { Role } from '../core/types.ts';
import type { IconName } from '../design/icon.ts';
import type { TextKey } from '../text/text.svelte.ts';
import type { Route } from './router.svelte.ts';

/** What a face is made of: its name, its pages, and the few places that are always one tap away. */
export type FaceParts = {
  name: TextKey;
  routes: Route[];
  places: { to: string; icon: IconName; label: TextKey }[];
  /** Whether it keeps dossiers on this device; public tracking does not. */
  device: boolean;
  /** For staff: whose certificate it takes to work here. Without one, the first thing is to enrol. */
  roles?: Role[];
  /** A wider page, for desks. */
  wide?: boolean;
};
