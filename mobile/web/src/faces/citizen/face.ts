import type { FaceParts } from '../../shell/face.ts';
import { together, withFace } from '../../shell/router.svelte.ts';
import Home from './Home.svelte';
import SearchPage from './SearchPage.svelte';
import GuidePage from './GuidePage.svelte';

/** What lies behind the first screens comes as one. */
const pages = together(() => import('./pages.ts'));

export const face: FaceParts = {
  name: 'app.name',
  device: true,
  places: [{ to: '/mine', icon: 'dossier', label: 'mine.short' }],
  routes: [
    { pattern: '/', page: withFace(Home) },
    { pattern: '/search', page: withFace(SearchPage) },
    { pattern: '/guide/:procedure', page: withFace(GuidePage) },
    { pattern: '/mine', page: pages('MinePage') },
    { pattern: '/d/:dossier', page: pages('DossierPage') },
    { pattern: '/d/:dossier/form/:page', page: pages('FormStep') },
    { pattern: '/d/:dossier/papers', page: pages('PapersStep') },
    { pattern: '/d/:dossier/papers/:component', page: pages('PaperStep') },
    { pattern: '/d/:dossier/check', page: pages('CheckStep') },
    { pattern: '/d/:dossier/sign', page: pages('SignStep') },
    { pattern: '/d/:dossier/send', page: pages('SendStep') },
    { pattern: '/d/:dossier/receipt', page: pages('ReceiptPage') },
    { pattern: '/d/:dossier/supplement', page: pages('SupplementPage') },
    { pattern: '/d/:dossier/handover', page: pages('HandOverPage') },
  ],
};
