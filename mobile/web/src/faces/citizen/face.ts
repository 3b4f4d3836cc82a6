import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = {
  name: 'app.name',
  device: true,
  places: [{ to: '/mine', icon: 'dossier', label: 'mine.short' }],
  routes: [
    { pattern: '/', page: () => import('./Home.svelte') },
    { pattern: '/search', page: () => import('./SearchPage.svelte') },
    { pattern: '/guide/:procedure', page: () => import('./GuidePage.svelte') },
    { pattern: '/mine', page: () => import('./MinePage.svelte') },
    { pattern: '/d/:dossier', page: () => import('./DossierPage.svelte') },
    { pattern: '/d/:dossier/form/:page', page: () => import('./FormStep.svelte') },
    { pattern: '/d/:dossier/papers', page: () => import('./PapersStep.svelte') },
    { pattern: '/d/:dossier/papers/:component', page: () => import('./PaperStep.svelte') },
    { pattern: '/d/:dossier/check', page: () => import('./CheckStep.svelte') },
    { pattern: '/d/:dossier/sign', page: () => import('./SignStep.svelte') },
    { pattern: '/d/:dossier/send', page: () => import('./SendStep.svelte') },
    { pattern: '/d/:dossier/receipt', page: () => import('./ReceiptPage.svelte') },
    { pattern: '/d/:dossier/supplement', page: () => import('./SupplementPage.svelte') },
    { pattern: '/d/:dossier/handover', page: () => import('./HandOverPage.svelte') },
  ],
};
