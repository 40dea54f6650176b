import { Signal } from '@lumino/signaling';

/** Emitted when a page asks to sign in; the panel shows the dialog. */
export const signInRequests = new Signal<object, void>({});
