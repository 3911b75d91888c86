// How does a page wait for a job that it started?
import { api, type JobNote } from "./api";

/** The end of a job; asks four times a second at first, less often later. `stop` ends the waiting, not the job. */
export async function finished(id: string, stop?: AbortSignal): Promise<JobNote & { message: string }> {
  for (let round = 0; ; round++) {
    const now = await api.job(id);
    if ((now.state !== "running" && now.state !== "waiting") || stop?.aborted) return now;
    await new Promise((r) => setTimeout(r, round < 20 ? 250 : 1000));
  }
}
