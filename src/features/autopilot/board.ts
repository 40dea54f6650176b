/** Reads all candidates of an experiment. */
import type { Candidate, CandidatePage } from '../../api/generated';
import type { ISmStudio } from '../../tokens';

/** How many candidates one request brings. */
const PAGE = 100;

/** What the leaderboard shows. */
export interface IBoard {
  items: Candidate[];
  objective_metric: string | null;
  direction: string | null;
}

/** All candidates of a job; a job has at most some hundreds. */
export async function readBoard(
  studio: ISmStudio,
  name: string,
  signal: AbortSignal
): Promise<IBoard> {
  const items: Candidate[] = [];
  let token: string | null = null;
  for (;;) {
    const page: CandidatePage = await studio.api.call('listCandidates', {
      name,
      query: { max_results: PAGE, next_token: token },
      signal
    });
    items.push(...page.items);
    token = page.next_token;
    if (!token) {
      return {
        items,
        objective_metric: page.objective_metric,
        direction: page.direction
      };
    }
  }
}
