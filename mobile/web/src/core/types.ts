/** What the core answers. The core decides; a face only shows. Times in milliseconds are Unix time, times as text are ISO 8601. */

export type Language = 'vi' | 'en';
export type Face = 'citizen' | 'postal' | 'branch' | 'operator' | 'track';
export type Role = 'citizen' | 'postal' | 'officer' | 'head' | 'operator';
export type Label = { vi: string; en: string };
export type Scalar = string | number | boolean;
export type Channel = 1 | 2 | 3;
export type Clock = 'agreed' | 'unconfirmed' | 'corrected';

export type Fault = {
  code: string;
  message: Label;
  details: Record<string, string>;
  retry: 'never' | 'later' | 'after_action';
};

export type Identity = {
  device: string;
  key: string;
  short: string;
  server_url: string;
  centre?: string | null;
  certificate?: { name: string; role: Role; unit?: string | null; from_ms: number; until_ms: number } | null;
  invitation_waiting: boolean;
  catalogue: string;
};

export type Stage =
  | 'draft'
  | 'kept'
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
  | 'returned';

export type TruthFlag =
  | 'needs_supplement'
  | 'conflict'
  | 'amended'
  | 'held'
  | 'disputed'
  | 'unsent'
  | 'lost_value';

/** How far a dossier truly is. Computed in the core. */
export type Truth = { stage: Stage; pages?: { arrived: number; total: number } | null; flags: TruthFlag[] };

export type ProcedureHit = {
  code: string;
  name: Label;
  sector: string;
  sector_name: Label;
  life_events: string[];
  level: string;
};
export type Sector = { id: string; name: Label; procedures: number };
export type LifeEvent = { id: string; name: Label; procedures: number };

export type GuideChannel = {
  channel: Channel;
  name: Label;
  allowed: boolean;
  why_not?: Label | null;
  condition?: Label | null;
  term?: Label | null;
  fee_dong?: number | null;
  fees: { kind: string; amount_dong?: number | null; note?: Label | null; per: string; reduced: boolean }[];
};
export type PhotoRule = { long_edge_px: number; quality: number };
export type GuideComponent = {
  id: string;
  name: Label;
  originals: number;
  copies: number;
  presented: boolean;
  required: boolean;
  when?: Label | null;
  photo: PhotoRule;
};
export type Guide = {
  code: string;
  version: string;
  name: Label;
  sector: string;
  sector_name: Label;
  life_events: string[];
  level: string;
  authority: Label;
  applicants: string[];
  flags: {
    same_day: boolean;
    presence_required: boolean;
    postal_send: boolean;
    postal_return: boolean;
    boundary_free: boolean;
    online_level: string;
  };
  channels: GuideChannel[];
  cases: { id: string; name: Label; condition?: Label | null; channels: GuideChannel[] }[];
  components: GuideComponent[];
  results: { id: string; name: Label }[];
  legal_bases: { number: string; title: string }[];
  provisional: boolean;
  form_title: Label;
  fields: number;
  note?: Label | null;
};

export type Unit = {
  id: string;
  name: string;
  full_name: string;
  kind: string;
  former: string[];
  note?: Label | null;
};

export type FieldKind =
  | 'text'
  | 'long_text'
  | 'date'
  | 'year_or_date'
  | 'integer'
  | 'money'
  | 'choice'
  | 'boolean'
  | 'personal_id'
  | 'phone'
  | 'tax_code'
  | 'email'
  | 'unit'
  | 'address_line';

/** One of several values that people gave for one field. */
export type Voice = {
  value: Scalar;
  /** As a person reads it. */
  shown: Label;
  by: string;
  role?: Role | null;
  device?: string | null;
  at: string;
  clock: Clock;
  base?: Scalar | null;
  change: string;
  own: boolean;
  stands: boolean;
};
export type Sentence = { code: string; sentence: Label };
export type FieldView = {
  path: string;
  kind: FieldKind;
  label: Label;
  help?: Label | null;
  example?: string | null;
  required: boolean;
  choices: { value: string; label: Label }[];
  suggestions: string[];
  autocomplete?: string | null;
  limits: { max_chars?: number | null; minimum?: number | null; maximum?: number | null };
  value?: Scalar | null;
  /** As a person reads it: dd/mm/yyyy, 0912 345 678, 1.200.000, a unit's full name; empty without a value. */
  shown: Label;
  missing: boolean;
  error?: Sentence | null;
  warnings: Sentence[];
  conflict?: Voice[] | null;
  offer?: { value: string; shown: Label; because: Label } | null;
};
export type TableView = {
  group: string;
  row_label: Label;
  columns: FieldView[];
  rows: { id: string; fields: FieldView[] }[];
  min?: number | null;
  max?: number | null;
  missing: boolean;
  error?: Label | null;
};
export type GroupView = {
  id: string;
  title: Label;
  help?: Label | null;
  fields?: FieldView[] | null;
  table?: TableView | null;
};
export type PageView = {
  id: string;
  title: Label;
  groups: GroupView[];
  missing: number;
  errors: number;
  conflicts: number;
  visible: boolean;
};
export type FormView = {
  dossier: string;
  procedure: string;
  title: Label;
  pages: PageView[];
  missing: number;
  errors: number;
  conflicts: number;
};
export type SetResult = { warnings: { field: string; code: string; sentence: Label }[]; form: FormView };

export type Submitted = {
  event: string;
  heads: string[];
  channel?: Channel | null;
  unit?: string | null;
  supplemented: boolean;
  warnings: unknown[];
  answers_missing: string[];
  answers_invalid: string[];
  papers_missing: string[];
};

export type Act =
  | { do: 'accept'; case?: string }
  | { do: 'refuse'; reason: string }
  | { do: 'ask'; reason: string; items: string[] }
  | { do: 'supplement' }
  | { do: 'route'; unit?: string }
  | { do: 'request_payment'; amount_dong: number; reason: string }
  | { do: 'paid'; amount_dong: number; reference: string }
  | { do: 'decide'; result: string }
  | { do: 'return'; to: string }
  | { do: 'withdraw'; reason: string }
  | { do: 'answer_withdrawal'; granted: boolean; reason: string }
  | { do: 'stop'; reason: string }
  | { do: 'correct'; reason: string }
  | { do: 'adopt' }
  | { do: 'settle'; stands: string; reason: string }
  | { do: 'comment'; text: string; staff_only: boolean }
  | { do: 'vouch'; paper: string }
  | { do: 'collected'; papers: { component: string; originals: number; copies: number }[] };
export type ActName = Act['do'] | 'submit';
export type Done = { event: string; heads: string[]; code?: string | null };

export type Card = {
  dossier: string;
  code?: string | null;
  provisional_code?: string | null;
  aliases: string[];
  procedure?: string | null;
  procedure_name: string;
  applicant?: string | null;
  subject?: string | null;
  status?: number | null;
  status_name: string;
  unit?: string | null;
  unsent: number;
  refused: number;
  unsealed: number;
  conflicts: number;
  disputed: boolean;
  pending_amendment: boolean;
  files: number;
  files_arrived: number;
  touched_ms: number;
  channel?: Channel | null;
  submitted_ms?: number | null;
  accepted_ms?: number | null;
  due_at?: string | null;
  truth: Truth;
  collected: boolean;
  due: Due;
};

/** How a dossier stands to its due date; `days` from today until then, negative once past. */
export type DueState = 'late' | 'today' | 'soon' | 'later' | 'paused' | 'none';
export type Due = { state: DueState; days: number };

export type Board = 'mine' | 'today' | 'queue';
export type ListOrder = 'touched' | 'due' | 'submitted' | 'name';
/** Which dossiers, in which order, and which part of them; `near` is a dossier whose place is wanted. */
export type ListQuery = {
  board?: Board;
  view?: string;
  status?: number;
  procedure?: string;
  channel?: Channel;
  due?: DueState;
  only_unsent?: boolean;
  text?: string;
  order?: ListOrder;
  near?: string;
  from?: number;
  count?: number;
};
/** `counts`: how many dossiers the board's views have, whatever else is asked. */
export type Listed = { total: number; from: number; cards: Card[]; counts: Record<string, number>; at?: number | null };

export type Moment = { at: string; at_ms: number; clock: Clock };
/** A voice as the dossier's own view tells it, without the form's wording. */
export type PlainVoice = Omit<Voice, 'shown' | 'own' | 'stands'> & Partial<Pick<Voice, 'shown' | 'own' | 'stands'>>;
export type ConflictView = { field: string; values: PlainVoice[] };
export type FileView = { blob: string; bytes: number; media: string; page: number; by: string; arrived: boolean };
export type ComponentView = { id: string; originals?: number | null; copies?: number | null; files: FileView[] };
/** The signed act as it is written: its kind, and the fields of that kind. */
export type ActRecord = { kind: string } & Record<string, unknown>;
export type EventView = {
  event: string;
  kind?: string | null;
  act?: ActRecord | null;
  role?: Role | null;
  unit?: string | null;
  audience?: 'parties' | 'staff' | null;
  received_ms?: number | null;
  heads: string[];
  ineffective?: string | null;
  by?: string | null;
  at?: string | null;
  at_ms?: number | null;
  clock?: Clock | null;
};
export type AmendedField = { field: string; accepted?: Scalar | null; now: PlainVoice[] };
export type Shown = {
  dossier: string;
  code?: string | null;
  provisional_code?: string | null;
  aliases: string[];
  procedure?: string | null;
  procedure_name?: Label | null;
  catalogue?: string | null;
  status: { business?: number | null; name: string; name_en: string };
  disputed: EventView[];
  unit?: string | null;
  channel?: Channel | null;
  answers: Record<string, Scalar>;
  conflicts: ConflictView[];
  components: ComponentView[];
  events: EventView[];
  submitted_at?: Moment | null;
  accepted_at?: Moment | null;
  finished_at?: Moment | null;
  due_at?: string | null;
  due_provisional: boolean;
  supplement_requests: number;
  heads: string[];
  accepted_heads?: string[] | null;
  pending_amendment?: { accepted_heads: string[]; heads: string[]; changes: AmendedField[] } | null;
  missing_events: string[];
  unsent: number;
  refused: number;
  unsealed: { path: string; at_ms: number }[];
  attachments: { total: number; arrived: number; here: number };
  truth: Truth;
  due: Due;
  may: ActName[];
};

export type HistoryEntry = Moment & {
  by: string;
  device?: string | null;
  received: boolean;
} & (
    | { what: 'change'; change: string; set: { field: string; value?: Scalar | null }[] }
    | ({ what: 'event' } & Omit<EventView, 'by' | 'at' | 'at_ms' | 'clock'>)
  );
export type DossierConflicts = {
  dossier: string;
  code?: string | null;
  conflicts: ConflictView[];
  disputed: EventView[];
};
export type OutboxItem = {
  dossier: string;
  kind: 'text' | 'change' | 'event';
  item: string;
  refused?: string | null;
  detail?: string | null;
};
export type Summary = {
  unsent_items: number;
  unsent_files: number;
  unsent_bytes: number;
  drafts: number;
  dossiers: number;
  last_contact_ms?: number | null;
  /** When the Centre revoked this device: what is made since is kept aside there. */
  revoked_ms?: number | null;
  clock_off_ms?: number | null;
};
export type Proof = {
  receipts: { number: number; received_ms: number; items: number }[];
  event?: string | null;
  centre?: string | null;
};

export type StorageState = {
  state: 'ok' | 'full' | 'unavailable' | 'unreadable';
  usage?: number;
  quota?: number;
  persisted?: boolean;
};
export type SyncState = { state: 'idle' | 'running' | 'offline' | 'waiting'; at?: number; fault?: Fault };
export type TabState = { state: 'leader' | 'elsewhere' };
export type Progress = { stage: string; done: number; total: number };
export type Changed = { dossiers?: string[] };

/** What the worker tells without being asked. */
export type CoreEvents = {
  sync: SyncState;
  store: StorageState;
  tab: TabState;
  progress: Progress;
  changed: Changed;
  poke: Record<string, unknown>;
  /** How much of the core's code has come, on a first visit. */
  coming: { done: number; total: number };
};

/** Every operation: what it takes and what it gives. */
export type Ops = {
  start: { args: { face: Face; server_url: string; language: Language }; result: Identity };
  sync_now: { args: void; result: null };
  take_over: { args: void; result: null };
  storage: { args: void; result: StorageState };
  identity: { args: void; result: Identity };
  enrol: { args: { invitation: string }; result: Identity };
  procedures: { args: { query?: string; sector?: string; life_event?: string }; result: ProcedureHit[] };
  sectors: { args: void; result: Sector[] };
  life_events: { args: void; result: LifeEvent[] };
  guide: { args: { procedure: string }; result: Guide };
  units: { args: { query: string }; result: Unit[] };
  unit: { args: { id: string }; result: Unit | null };
  new: { args: { procedure: string; id?: string }; result: { dossier: string; provisional_code: string } };
  form: { args: { dossier: string }; result: FormView };
  set: { args: { dossier: string; edits: [string, string][] }; result: SetResult };
  remove_row: { args: { dossier: string; group: string; row: string }; result: FormView };
  count: { args: { dossier: string; component: string; originals: number; copies: number }; result: null };
  attach: {
    args: { dossier: string; component: string; name: string; media?: string };
    result: { blob: string; bytes: number; media: string; page: number };
  };
  detach: { args: { dossier: string; component: string; blob: string }; result: null };
  arrange: { args: { dossier: string; component: string; blobs: string[] }; result: null };
  /** With the dossier, a page that is not on this device is fetched from the Centre. */
  read_blob: { args: { blob: string; dossier?: string }; result: Uint8Array<ArrayBuffer> };
  submit: { args: { dossier: string; channel?: Channel; unit?: string }; result: Submitted };
  act: { args: { dossier: string; act: Act }; result: Done };
  undo: { args: { events: string[] }; result: number };
  list: { args: ListQuery; result: Listed };
  card: { args: { dossier: string }; result: Card | null };
  procedures_on: { args: { board: Board }; result: { code: string; name: string }[] };
  show: { args: { dossier: string }; result: Shown };
  history: { args: { dossier: string }; result: HistoryEntry[] };
  conflicts: { args: void; result: DossierConflicts[] };
  outbox: { args: void; result: OutboxItem[] };
  summary: { args: void; result: Summary };
  proof: { args: { dossier: string }; result: Proof };
  rebuild: { args: void; result: number };
  /** Asks the Centre directly, as this device; for what no dossier holds. */
  centre: { args: { method: string; path: string; body?: unknown }; result: unknown };
};
export type Op = keyof Ops;
/** Operations that carry bytes beside their arguments. */
export type BinaryOp = 'attach';
