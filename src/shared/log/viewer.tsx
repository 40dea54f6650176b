import { downloadIcon } from '@jupyterlab/ui-components';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { JSX } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { ApiFailure } from '../../api/client';
import type { LogLine, LogLines, LogsQuery } from '../../api/generated';
import type { ISmStudio } from '../../tokens';
import { usePage } from '../context';
import { ErrorBox } from '../states';
import { hostOf, matches, parts, timeOfDay } from './search';

const LINE_HEIGHT = 18;

/** How often a running job's log is read on, in milliseconds. */
const PACE = 2000;

/** More lines than this are not kept; the oldest go first. */
const KEPT = 100_000;

interface ILog {
  lines: LogLine[];
  streams: string[];
  stream: string | null;
  token: string | null;
}

/** Where a log comes from. */
export interface ILogSource {
  /** Tells logs apart. */
  id: string;
  read: (
    studio: ISmStudio,
    query: LogsQuery,
    signal: AbortSignal
  ) => Promise<LogLines>;
  /** Address of the whole log, or of one stream's, as a file. */
  url: (studio: ISmStudio, stream: string | null) => string;
  /** What the field that chooses a stream is called, and its streams; hosts unless said. */
  streamLabel?: string;
  nameOf?: (stream: string) => string;
}

const NO_LOG: ILog = { lines: [], streams: [], stream: null, token: null };

/** A log from its start, followed while something writes to it, with a search. */
export function LogViewer(props: {
  source: ILogSource;
  running: boolean;
}): JSX.Element {
  const { studio, trans, locale } = usePage();
  const { source, running } = props;
  const [stream, setStream] = useState<string | null>(null);
  const { log, error, retry } = useLog(source, running, stream);
  const [search, setSearch] = useState('');
  const [follow, setFollow] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () =>
      search ? log.lines.filter(line => matches(line, search)) : log.lines,
    [log.lines, search]
  );
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 30
  });
  useEffect(() => {
    if (follow && shown.length) {
      virtual.scrollToIndex(shown.length - 1, { align: 'end' });
    }
  }, [shown.length, follow]);
  return (
    <div className="smstudio-Log">
      <div className="smstudio-Log-tools">
        <input
          type="search"
          className="jp-mod-styled smstudio-Search"
          value={search}
          placeholder={trans.__('Search the log')}
          aria-label={trans.__('Search the log')}
          onChange={event => setSearch(event.target.value)}
        />
        {log.streams.length > 1 && (
          <select
            className="jp-mod-styled"
            aria-label={source.streamLabel ?? trans.__('Host')}
            value={stream ?? log.stream ?? log.streams[0]}
            onChange={event => setStream(event.target.value)}
          >
            {log.streams.map(each => (
              <option key={each} value={each}>
                {(source.nameOf ?? hostOf)(each)}
              </option>
            ))}
          </select>
        )}
        <label className="smstudio-Choice">
          <input
            type="checkbox"
            checked={follow}
            onChange={event => setFollow(event.target.checked)}
          />
          <span>{trans.__('Follow')}</span>
        </label>
        <a
          className="smstudio-IconButton"
          title={trans.__('Download the whole log')}
          aria-label={trans.__('Download the whole log')}
          href={source.url(studio, stream)}
          download
        >
          <downloadIcon.react tag="span" width="16px" />
        </a>
        <span className="smstudio-mod-dim" role="status">
          {search
            ? trans.__('%1 of %2 lines', shown.length, log.lines.length)
            : trans.__('%1 lines', log.lines.length)}
        </span>
      </div>
      {error && <ErrorBox error={error} onRetry={retry} />}
      <div
        ref={scroller}
        className="smstudio-Log-lines"
        role="log"
        aria-label={trans.__('Log')}
        aria-live={follow && running ? 'polite' : 'off'}
        tabIndex={0}
        onWheel={event => {
          if (event.deltaY < 0) {
            setFollow(false);
          }
        }}
        onKeyDown={event => {
          if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) {
            setFollow(false);
          }
        }}
      >
        <div
          className="smstudio-Log-sheet"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map(item => {
            const line = shown[item.index];
            return (
              <div
                key={item.index}
                className="smstudio-Log-line"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <span className="smstudio-mod-dim">
                  {timeOfDay(line.time, locale)}
                </span>{' '}
                {parts(line.message, search).map((part, index) =>
                  part.found ? <mark key={index}>{part.text}</mark> : part.text
                )}
              </div>
            );
          })}
        </div>
        {!log.lines.length && !error && (
          <p className="smstudio-mod-dim">
            {running
              ? trans.__('Nothing has been written yet.')
              : trans.__('The log is empty.')}
          </p>
        )}
      </div>
    </div>
  );
}

/** Reads a log on, from its start to its end and then as it grows. */
function useLog(
  source: ILogSource,
  running: boolean,
  stream: string | null
): { log: ILog; error: ApiFailure | null; retry: () => void } {
  const { studio, visible } = usePage();
  const [log, setLog] = useState<ILog>(NO_LOG);
  const [error, setError] = useState<ApiFailure | null>(null);
  const [attempt, setAttempt] = useState(0);
  // The stream is kept, too: which one the server takes by itself may change while the log is read.
  const place = useRef<{
    key: string;
    token: string | null;
    stream: string | null;
  }>({ key: '', token: null, stream: null });
  useEffect(() => {
    if (!visible) {
      return;
    }
    const key = `${studio.targetKey}|${source.id}|${stream ?? ''}`;
    if (place.current.key !== key) {
      place.current = { key, token: null, stream };
      setLog(NO_LOG);
    }
    setError(null);
    const controller = new AbortController();
    let timer = 0;
    const read = async (): Promise<void> => {
      const { token, stream: from } = place.current;
      const answer = await source.read(
        studio,
        { stream: from, next_token: token, from_start: !token },
        controller.signal
      );
      if (controller.signal.aborted) {
        return;
      }
      place.current.token = answer.next_token;
      place.current.stream = answer.stream;
      setLog(before => ({
        lines: [...before.lines, ...answer.lines].slice(-KEPT),
        streams: answer.streams,
        stream: answer.stream,
        token: answer.next_token
      }));
      if (!answer.at_end) {
        await read();
      } else if (running) {
        timer = window.setTimeout(start, PACE);
      }
    };
    const start = (): void => {
      read().catch(reason => {
        if (!controller.signal.aborted) {
          setError(ApiFailure.from(reason));
        }
      });
    };
    start();
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [studio, source.id, stream, running, visible, attempt]);
  return { log, error, retry: () => setAttempt(before => before + 1) };
}
