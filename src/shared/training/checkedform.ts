import { useMemo, useState } from 'react';

import type { TrainingPlan } from '../../api/generated';
import type { ISmStudio } from '../../tokens';
import { usePage } from '../context';
import { useDraft } from '../draft';
import type { ISubmit } from '../submit';
import { useSubmit } from '../submit';
import type { Errors } from './form';
import { errorsOf, fieldsOf, wasTouched } from './form';
import type { IPlanned } from './useplan';
import { usePlan } from './useplan';

/** A form that the server checks while it is filled in. */
export interface ICheckedForm<F> {
  form: F;
  /** Changes members; those were at hand from then on. */
  set: (change: Partial<F>) => void;
  /** Changes the form in another way, with the fields that were at hand. */
  change: (make: (before: F) => F, fields: string[]) => void;
  /** What is wrong with a field that somebody was at, or with any once the form was sent. */
  error: (field: string) => string | null;
  /** What FormFrame shows and does. */
  frame: Pick<ISubmit, 'root' | 'failure' | 'sending'> & {
    planned: IPlanned;
    errors: Errors;
    onSubmit: () => void;
  };
}

/** Keeps a form's draft, has the server check it, and creates what it describes. */
export function useCheckedForm<F extends object, R>(options: {
  /** Name of the draft. */
  draft: string;
  start: F;
  toRequest: (form: F) => R;
  plan: (
    studio: ISmStudio,
    body: R,
    signal: AbortSignal
  ) => Promise<TrainingPlan>;
  /** Problems that the browser sees itself. */
  ownErrors: (
    form: F,
    notNumber: string,
    notJson: string,
    twice: string
  ) => Errors;
  create: (studio: ISmStudio, body: R) => Promise<{ name: string }>;
  /** Command that opens what was created. */
  opens: string;
  onCreated: () => void;
  /** Name of a field on the page, where it is not that of the API. */
  fieldOf?: (name: string) => string;
}): ICheckedForm<F> {
  const { studio, trans } = usePage();
  const [form, setForm, forget] = useDraft<F>(
    options.draft,
    () => options.start
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const { root, failure, sending, clear, focus, send } = useSubmit({
    opens: options.opens,
    forget,
    onDone: options.onCreated,
    fieldOf: options.fieldOf
  });
  const request = useMemo(() => options.toRequest(form), [form]);
  const planned = usePlan(request, options.plan);
  const errors = useMemo<Errors>(
    () => ({
      ...errorsOf(planned.plan?.problems ?? []),
      ...errorsOf(failure?.fields ?? []),
      ...options.ownErrors(
        form,
        trans.__('Enter a whole number.'),
        trans.__('This is no JSON object.'),
        trans.__('Each name may be used once.')
      )
    }),
    [planned.plan, failure, form, trans]
  );
  const change: ICheckedForm<F>['change'] = (make, fields) => {
    setForm(make);
    setTouched(before => new Set([...before, ...fields]));
    clear();
  };
  return {
    form,
    set: members =>
      change(before => ({ ...before, ...members }), fieldsOf(members)),
    change,
    error: field => {
      const text = errors[field];
      return text && (asked || wasTouched(field, touched))
        ? text === 'is required'
          ? trans.__('This field is required.')
          : text
        : null;
    },
    frame: {
      root,
      failure,
      sending,
      planned,
      errors: asked ? errors : {},
      onSubmit: () => {
        setAsked(true);
        const names = Object.keys(errors);
        if (names.length && planned.current) {
          focus(names);
        } else {
          send(() => options.create(studio, request));
        }
      }
    }
  };
}
