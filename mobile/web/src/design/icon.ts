import sprite from './sprite.svg?url';

/** The drawings in `sprite.svg`. */
export type IconName =
  | 'pen'
  | 'device'
  | 'sending'
  | 'received'
  | 'accepted'
  | 'refused'
  | 'processing'
  | 'supplement'
  | 'payment'
  | 'withdrawing'
  | 'stopped'
  | 'decided'
  | 'returned'
  | 'warn'
  | 'conflict'
  | 'amended'
  | 'held'
  | 'info'
  | 'online'
  | 'offline'
  | 'sync'
  | 'back'
  | 'forward'
  | 'down'
  | 'up'
  | 'search'
  | 'plus'
  | 'close'
  | 'check'
  | 'remove'
  | 'camera'
  | 'file'
  | 'settings'
  | 'home'
  | 'dossier'
  | 'outbox'
  | 'qr'
  | 'print'
  | 'person'
  | 'more'
  | 'undo'
  | 'sign';

/** Where the drawing is. */
export function drawing(name: IconName): string {
  return `${sprite}#${name}`;
}
