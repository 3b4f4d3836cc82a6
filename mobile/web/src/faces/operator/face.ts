import type { FaceParts } from '../../shell/face.ts';
import { withFace } from '../../shell/router.svelte.ts';
import DevicesPage from './DevicesPage.svelte';
import DevicePage from './DevicePage.svelte';
import InvitationsPage from './InvitationsPage.svelte';
import StatusPage from './StatusPage.svelte';

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
    { pattern: '/', page: withFace(DevicesPage) },
    { pattern: '/device/:device', page: withFace(DevicePage) },
    { pattern: '/invitations', page: withFace(InvitationsPage) },
    { pattern: '/status', page: withFace(StatusPage) },
  ],
};
