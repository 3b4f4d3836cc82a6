import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = {
  name: 'face.operator',
  device: true,
  roles: ['operator'],
  wide: true,
  places: [
    { to: '/', icon: 'device', label: 'operator.devices' },
    { to: '/invitations', icon: 'qr', label: 'operator.invitations' },
    { to: '/status', icon: 'info', label: 'operator.status' },
  ],
  routes: [
    { pattern: '/', page: () => import('./DevicesPage.svelte') },
    { pattern: '/device/:device', page: () => import('./DevicePage.svelte') },
    { pattern: '/invitations', page: () => import('./InvitationsPage.svelte') },
    { pattern: '/status', page: () => import('./StatusPage.svelte') },
  ],
};
