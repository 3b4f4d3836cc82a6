/** How much something asks for: nothing, done, news, care, harm. */
export type Tone = 'plain' | 'good' | 'info' | 'warn' | 'bad';
