/** The pages that every face has, behind its own. */
export { default as Outbox } from './Outbox.svelte';
export { default as Settings } from './Settings.svelte';
export { default as EnrolFirst } from './standing/EnrolFirst.svelte';
export { default as EnrolPage } from './standing/EnrolPage.svelte';
export { default as Revoked } from './standing/Revoked.svelte';
