import { usePage } from '../../shared/context';

/** What people call the things that are metered. */
export function useNames(): Record<string, string> {
  const { trans } = usePage();
  return {
    Studio: trans.__('Studio notebooks'),
    NotebookInstance: trans.__('Notebook instances'),
    Endpoint: trans.__('Endpoints'),
    Training: trans.__('Training'),
    Processing: trans.__('Processing'),
    Transform: trans.__('Batch transform')
  };
}
