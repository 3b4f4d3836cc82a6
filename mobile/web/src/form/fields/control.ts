import type { FieldView } from '../../core/types.ts';
import type { Filling } from '../filling.svelte.ts';

/** What every control of a field is given. */
export type ControlProps = {
  field: FieldView;
  filling: Filling;
  id: string;
  described?: string;
  invalid: boolean;
};
