import type { JSX, KeyboardEvent, ReactNode } from 'react';
import { useId, useRef, useState } from 'react';

/** Tabs with arrow keys, as the ARIA practices describe them. */
export function Tabs(props: {
  label: string;
  tabs: { id: string; label: string; content: () => ReactNode }[];
  /** The tab that shows, where the page wants to know and to choose; else the tabs keep it. */
  chosen?: string;
  onChoose?: (id: string) => void;
}): JSX.Element {
  const { label, tabs } = props;
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const [own, setOwn] = useState(tabs[0].id);
  const chosen = props.chosen ?? own;
  const setChosen = (id: string): void => {
    setOwn(id);
    props.onChoose?.(id);
  };
  const index = Math.max(
    0,
    tabs.findIndex(tab => tab.id === chosen)
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    const step =
      event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step) {
      event.preventDefault();
      const next = tabs[(index + step + tabs.length) % tabs.length];
      setChosen(next.id);
      list.current
        ?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)
        ?.focus();
    }
  };
  return (
    <div className="smstudio-Tabs">
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        className="smstudio-Tabs-list"
        onKeyDown={onKeyDown}
      >
        {tabs.map((tab, at) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${base}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={at === index}
            aria-controls={`${base}-panel`}
            tabIndex={at === index ? 0 : -1}
            onClick={() => setChosen(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${tabs[index].id}`}
        className="smstudio-Tabs-panel"
      >
        {tabs[index].content()}
      </div>
    </div>
  );
}
