import type { JSX } from 'react';
import { useEffect, useState } from 'react';

import { absoluteTime, beginning, duration, relativeTime } from './clock';
import { usePage } from './context';

/** The time now, told again every so many milliseconds while the page is visible. */
export function useNow(interval: number, running = true): number {
  const { visible } = usePage();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!visible || !running) {
      return;
    }
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), interval);
    return () => window.clearInterval(timer);
  }, [interval, running, visible]);
  return now;
}

/** A relative time with the absolute one beside it (`both`) or as its tooltip. */
export function TimeText(props: {
  value: string | null | undefined;
  both?: boolean;
  /** Abbreviated, for narrow columns. */
  short?: boolean;
}): JSX.Element {
  const { locale } = usePage();
  const now = useNow(30_000);
  if (!props.value) {
    return <span className="smstudio-mod-dim">—</span>;
  }
  const then = Date.parse(props.value);
  const relative = relativeTime(
    then,
    Math.max(now, then),
    locale,
    props.short ? 'short' : 'long'
  );
  const absolute = absoluteTime(then, locale);
  return (
    <time dateTime={props.value} title={absolute}>
      {props.both ? `${absolute} (${relative})` : relative}
    </time>
  );
}

/** When something that still runs began; a duration beside it says how long ago that is. */
export function BeginText(props: { value: string }): JSX.Element {
  const { locale } = usePage();
  const now = useNow(60_000);
  const then = Date.parse(props.value);
  return (
    <time dateTime={props.value} title={absoluteTime(then, locale)}>
      {beginning(then, now, locale)}
    </time>
  );
}

/** A duration that counts on while something runs. */
export function Elapsed(props: {
  seconds: number;
  running: boolean;
  /** When `seconds` was told, in milliseconds since the epoch. */
  asOf: number;
}): JSX.Element {
  const now = useNow(1000, props.running);
  const extra = props.running ? Math.max(0, now - props.asOf) / 1000 : 0;
  return (
    <span className="smstudio-Elapsed">{duration(props.seconds + extra)}</span>
  );
}
