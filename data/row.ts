/**
 * A labelled message, whatever it came from. Of category, priority and intent, what is absent is unknown:
 * the model is not told anything about it.
 */
export type Row = {
  text: string;
  category?: string;
  priority?: string;
  intent?: string;
  /** no ticket at all: has neither category nor priority */
  chatter?: true;
  source: 'banking77' | 'seed' | 'feedback' | 'import';
  /** never learnt: written to calibrate and compare models on */
  heldOut?: true;
  /** who wrote it, where that is known */
  industry?: string;
};

/** What of a data set a model was trained on or measured with. */
export type DataSet = { name: string; rows: Row[]; sha256: string };
