import type { FaceParts } from '../../shell/face.ts';
import { together, withFace } from '../../shell/router.svelte.ts';
import TodayPage from './TodayPage.svelte';

/** What lies behind the first screens comes as one. */
const pages = together(() => import('./pages.ts'));

export const face: FaceParts = {
  name: 'face.postal',
  device: true,
  roles: ['postal'],
  places: [{ to: '/scan', icon: 'qr', label: 'postal.scan' }],
  routes: [
    { pattern: '/', page: withFace(TodayPage) },
    { pattern: '/scan', page: pages('ScanPage') },
    { pattern: '/new', page: pages('NewPage') },
    { pattern: '/take/:dossier/:procedure', page: pages('TakePage') },
    { pattern: '/v/:dossier', page: pages('VisitPage') },
    { pattern: '/d/:dossier', page: pages('VisitPage') },
    { pattern: '/v/:dossier/form/:page', page: pages('FormStep') },
    { pattern: '/v/:dossier/count', page: pages('CountStep') },
    { pattern: '/v/:dossier/papers', page: pages('PapersStep') },
    { pattern: '/v/:dossier/papers/:component', page: pages('PaperStep') },
    { pattern: '/v/:dossier/sign', page: pages('SignStep') },
    { pattern: '/v/:dossier/hand', page: pages('HandStep') },
    { pattern: '/v/:dossier/slip', page: pages('SlipPage') },
  ],
};
