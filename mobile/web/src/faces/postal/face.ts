import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = {
  name: 'face.postal',
  device: true,
  roles: ['postal'],
  places: [{ to: '/scan', icon: 'qr', label: 'postal.scan' }],
  routes: [
    { pattern: '/', page: () => import('./TodayPage.svelte') },
    { pattern: '/scan', page: () => import('./ScanPage.svelte') },
    { pattern: '/new', page: () => import('./NewPage.svelte') },
    { pattern: '/take/:dossier/:procedure', page: () => import('./TakePage.svelte') },
    { pattern: '/v/:dossier', page: () => import('./VisitPage.svelte') },
    { pattern: '/d/:dossier', page: () => import('./VisitPage.svelte') },
    { pattern: '/v/:dossier/form/:page', page: () => import('./FormStep.svelte') },
    { pattern: '/v/:dossier/count', page: () => import('./CountStep.svelte') },
    { pattern: '/v/:dossier/papers', page: () => import('./PapersStep.svelte') },
    { pattern: '/v/:dossier/papers/:component', page: () => import('./PaperStep.svelte') },
    { pattern: '/v/:dossier/sign', page: () => import('./SignStep.svelte') },
    { pattern: '/v/:dossier/hand', page: () => import('./HandStep.svelte') },
    { pattern: '/v/:dossier/slip', page: () => import('./SlipPage.svelte') },
  ],
};
