// What does the page say in English? Typed by the Chinese list: a missing key does not compile.
import type { Words } from "./zh";

export const en: Words = {
  app: {
    unsent: (n) => `${n} check-ins or counts were not sent; signing out drops them. Sign out all the same?`,
    name: "Zhilu", tagline: "From citizens' voices to better roads", skip: "Skip to main content", menu: "Menu", close: "Close", back: "Back", cancel: "Cancel", retry: "Try again",
    save: "Save", loading: "Loading…", print: "Print", language: "中文", account: "Account", logout: "Sign out", more: "More", yes: "Yes", no: "No",
    simulated: "Simulated data: the city and its tickets are generated and match no real event", noRight: "Your role may not see this", unreachable: "The server does not answer; is the program still running?",
    failed: "Something went wrong", newData: "Data updated", updated: (n) => `Data version ${n}`, approval: "Map approval no.", nothing: "None", copyLink: "Copy link", unstated: "Not stated", copied: "Link copied",
    insecure: "This is a plain HTTP connection: for this machine or an internal network only",
  },
  nav: { map: "Map", compare: "Compare", alarm: "Alarms", methods: "Methods", cases: "Cases", plan: "Plans", import: "Import", review: "Review", duty: "School duty", schools: "Schools", my: "My post", wall: "Today", users: "Users", audit: "Audit", account: "My account" },
  login: {
    title: "Sign in", name: "User name", password: "Password", enter: "Sign in", wrong: "User name or password is wrong", wait: "Too many attempts; try again later",
    demo: "This is a demo", demoLead: "City, tickets and accounts are simulated. Choose a role to step in and see what it sees.",
    firstRun: "On first start the administrator's one-time password is printed in the terminal.",
  },
  account: {
    title: "My account", change: "Change password", old: "Current password", fresh: "New password (at least 10 characters)", again: "New password again", differ: "The two new passwords differ",
    short: "The new password needs at least 10 characters", must: "Please change the password first", done: "Password changed", role: "Role", unit: "Unit", none: "Not set",
  },
  map: {
    label: "Map of tickets; arrow keys move, plus and minus zoom", layers: "Layers", hex: "Heat cells", tickets: "Tickets", sites: "Sites", legend: "Legend", metric: "Cell value", count: "Tickets",
    petitioners: "Petitioners", zoomIn: "Zoom in", zoomOut: "Zoom out", home: "Whole city", cluster: "Cluster; the number counts tickets", one: "One ticket", closed: "Closed", open: "Open",
    site: "Site; the number is its rank", low: "Fewer than 3, not shown", noBase: "The base map did not load; the data layers still work", perCell: "per cell", to: "–", hideClosed: "Hide closed", area: "Cells", hide: "Click to hide this class", noCity: "No city map yet", noCityHint: "Import the roads, names and boundaries of the city first:",
    drawn: "cells", noCells: "No cells in this view", failed: "The map cannot start: this browser has no WebGL. Lists and tables still work.", nearNote: "With the cells on, tickets are drawn from street level on", pointNote: "Only tickets located to a point are drawn; segment and area tickets count but are not drawn as points",
  },
  filter: {
    title: "Filters", clear: "Clear filters", kind: "Category", channel: "Channel", state: "State", precision: "Precision", area: "Area", unit: "Unit in charge", text: "Text contains",
    textHint: "words in title or content", time: "Time", from: "From", to: "To", all: "All", active: (n) => (n === 1 ? "1 filter" : `${n} filters`), more: (n) => `Show ${n} more`, less: "Show fewer",
    result: (t, m) => `${t} tickets, ${m} of them on the map`, none: "No ticket matches", export: "Export",
  },
  time: {
    title: "Over time", byDay: "by day", byWeek: "by week", byMonth: "by month", play: "Play", pause: "Pause", d7: "7 days", d30: "30 days", d90: "90 days", month: "This month", lastYear: "Same period last year",
    all: "All time", start: "Start date", end: "End date", window: (a, b) => `${a} to ${b}`, empty: "No dates to draw", table: "Show table", chart: "Show chart", step: "Step by week", dateHint: "such as 2024-04-08",
  },
  sites: {
    title: "Sites by rank", lead: "Places where demands recur, by their shrunken severity a year (redone and unsatisfied weigh more)", count: "tickets", people: "people", rank: "Rank", none: "No site under these filters", noTickets: "No tickets yet", importFirst: "Once tickets are imported, the places where they recur are ranked here.", toImport: "Import", firstOf: (n, all) => `First ${n} of ${all} sites`, noneHint: "Widen time or category, or import more tickets and form sites again.",
    kind: "Kind", rate: "A year (shrunken)", expected: "Ordinary site a year", burden: "Severity points a year", ordinary: (n) => `ordinary ${n}`, redone: "Redone in a year", per100m: "A year per 100 m", byRising: "Rising first", byRedone: "By redone", times: (n) => `${n} × an ordinary site`, perYear: "a year", unranked: "not ranked", singleVoice: "all from one person", dominated: "mostly one person", filtered: "Tickets, people, hours, months and categories follow the filter; rank, yearly rate, first and last are of all tickets", score: "Score", survey: "Form sites again", surveying: "Forming sites…", open: "Open site", trend: "Last 12 months", sort: "Sort", byRank: "by rank", byCount: "by tickets",
  },
  site: {
    facts: "Facts", tickets: "Tickets", petitioners: "Petitioners", first: "First", last: "Latest", profile: "Weekday × hour", profileLead: "When it is reported (time received)", months: "By month", categories: "What it is about",
    history: "History", why: "Why it ranks here", ticketsTitle: "Tickets (masked)", all: "Show all in the list", hour: "h", zoom: "Show on the map", share: "Copy link", peak: (d, h, n) => `Peak: ${d} ${h}:00, ${n} tickets`,
    month: "Month", missing: "No such site; it may have been merged when sites were formed again", noHistory: "No change recorded yet",
  },
  ticket: {
    list: "Tickets", no: "No.", external: "Channel no.", received: "Received", state: "State", unit: "Unit in charge", category: "Category", channel: "Channel", place: "Place as written", label: "Place recognised",
    precision: "Precision", radius: "Radius", confidence: "Confidence", redo: "Redone", satisfaction: "Satisfaction", content: "Content", personal: "Petitioner", masked: "Name, phone and the like are masked",
    reveal: "Ask to reveal", handler: "Handler", nobody: "Nobody named", named: (t: string) => `Handler named: ${t}`, home: "Home (WGS-84)", coarse: "This is where the petitioner lives: the point is the middle of its hexagon", notRevealable: "Nothing to reveal, or you are not the handler (confidential tickets: intake desk only)", reason: "Reason (written to the audit log)", reasonHint: "e.g. call back to confirm the spot", revealed: "Revealed; this look is on record", clear: { name: "Name", phone: "Phone", account: "Account", id_card: "Identity no." }, metres: "m",
    noPoint: "Not located to a point", times: (n) => (n === 1 ? "once" : `${n} times`), more: "Load more", missing: "No such ticket, or you may not see it", none: "No ticket under these filters", site: "Site", short: "Please give a reason (4 characters or more)",
    satisfied: { satisfied: "satisfied", basic: "mostly satisfied", dissatisfied: "dissatisfied" },
  },
  search: { label: "Search places or tickets", hint: "place, road, ticket no.…", places: "Places", tickets: "Tickets", none: "Nothing found", results: (n) => (n === 1 ? "1 result" : `${n} results`) },
  import: {
    title: "Import tickets", drop: "Drop a ticket file here", or: "or", choose: "Choose a file", formats: "CSV (UTF-8, GB18030, UTF-16), XLSX, XLS, ODS; up to 200 MB a file", source: "Source name",
    sourceHint: "e.g. hotline monthly export; the column mapping is remembered per source", datum: "Datum", datumNone: "File has no coordinates", channel: "Channel", channelFile: "Taken from the file", start: "Read and dry run", reading: "Reading", runs: "Imports", report: "Dry-run report",
    file: "File", format: "Format", encoding: "Encoding", sheet: "Sheet", rows: "Rows", new: "New", changed: "Changed", same: "Unchanged", error: "Errors", blank: "Blank", repeated: "Repeated header",
    mapping: "Columns", header: "Column in file", field: "Field", sample: "Sample", ignore: "Not imported", remember: "Remember this mapping for the source", apply: "Dry run with this mapping", errors: "Rows with problems", row: "Row", column: "Column", value: "Value",
    why: "Why", cure: "Cure", errorsCsv: "Download problem rows (CSV)", firstErrors: (n, all) => `First ${n} of ${all} rows with problems`, commitGood: "Import the good rows", commitAll: "Import only if all are good", committing: "Writing",
    committed: "Imported", undo: "Undo this import", undone: "Undone", discard: "Discard", failed: "Cannot be read", state: { reading: "reading", ready: "to confirm", committing: "writing", committed: "imported", undone: "undone", undoing: "undoing", discarded: "discarded", failed: "failed" },
    undoAsk: "Tickets added by this import are removed, changed ones get their old values back.", noErrors: "No rows with problems", nothingNew: "Nothing to write", progress: (a, b) => `${a} / ${b} rows`, empty: "No imports yet", noRight: "Your role may not import tickets", missingFile: "Choose a file first",
    unmapped: "not mapped", personal: "Personal: sealed or masked before it is stored", when: "When", located: "Locating", none: "Choose an import on the left, or drop a new file", optional: "optional", required: "Choose the datum", by: "by", datums: { wgs84: "WGS-84 / CGCS2000", gcj02: "GCJ-02 (Amap, Tencent)", bd09: "BD-09 (Baidu)" }, counts: "Dry run", findings: "What was found", skipped: "sheets not read:", missingFields: "Still to map:", severity: { error: "not taken", field_error: "value left out", warn: "note", repair: "repaired" }, rerun: "Dry run repeated with the new mapping", remembered: "remembered",
  },
  review: {
    title: "Review", lead: "Where the program is unsure, a person decides; each correction teaches it an alias", left: (n) => `${n} to review`, empty: "Nothing to review", emptyHint: "All texts are located with confidence, or have been dealt with.",
    candidates: "Candidates", accept: "Accept", noPlace: "Names no place", outside: "Outside the city", click: "Click the spot on the map", clicked: "Accept the clicked spot", keys: "1–5 accept a candidate, N no place, O outside, L draw a stretch, S skip", skip: "Skip", evidence: "Words used",
    samePlace: (n) => `${n} with the same wording`, applied: "Recorded", alsoPlaced: (n) => `Recorded; ${n} tickets located anew`, aliases: "Learned aliases", aliasLead: "Aliases learned from review; switched off, they are no longer used", surface: "Wording", meaning: "Means", by: "by", on: "on", off: "off", noAliases: "No alias learned yet", alternatives: "Other wordings",
    find: "Find a place and put it on the map", noCandidates: "No candidate: find a place or click the spot on the map", noRight: "Your role may not review places", pair: "Coordinates given by the file", confidence: "confidence", radius: "radius", next: "Next", queue: "To review", undoHint: "Can be switched off in the alias list", centre: "Take the map centre", draw: "Draw a stretch", drawBack: "One point back", drawn: "Accept the stretch", drawHint: (n) => n < 2 ? `Click the points of the stretch one after the other (${n} so far), Enter accepts, Backspace takes one back` : `${n} points, Enter accepts, Backspace takes one back`, decided: (n) => `${n} decided in this visit`, title2: "Title", content: "Content", place: "Place column",
  },
  hot: {
    colourBy: "Colour by", plain: "Tickets (no test)", lenses: { gi: "Gi* hot spots", emerging: "Emerging hot spots", moran: "Local Moran", change: "Change of two periods", network: "Density along roads" },
    classes: {
      none: "Not significant", insufficient: "Too little history", hot3: "Hot 99 %", hot2: "Hot 95 %", hot1: "Hot 90 %", cold3: "Cold 99 %", cold2: "Cold 95 %", cold1: "Cold 90 %",
      up3: "More 99 %", up2: "More 95 %", up1: "More 90 %", down3: "Fewer 99 %", down2: "Fewer 95 %", down1: "Fewer 90 %", hh: "High-high (area)", hl: "High-low (lone)", lh: "Low-high (hole)", ll: "Low-low",
      new_hot: "New hot", consecutive_hot: "Consecutive hot", intensifying_hot: "Intensifying hot", persistent_hot: "Persistent hot", diminishing_hot: "Diminishing hot", sporadic_hot: "Sporadic hot", oscillating_hot: "Oscillating hot", historical_hot: "Historical hot",
      new_cold: "New cold", consecutive_cold: "Consecutive cold", intensifying_cold: "Intensifying cold", persistent_cold: "Persistent cold", diminishing_cold: "Diminishing cold", sporadic_cold: "Sporadic cold", oscillating_cold: "Oscillating cold", historical_cold: "Historical cold",
    },
    area: "area", point: "point", perKm: "tickets per km", hotSteps: (n) => `${n} significant steps`,
    going: { up: "↑ rising", down: "↓ falling" }, verdicts: "What the methods say", rankInterval: (a, b) => `rank between ${a} and ${b} (95 %)`, historyTitle: "History of 26 steps of 4 weeks", loud: "loud", quiet: "quiet", usual: "usual", neighbours: "Sites nearby", metresAway: (m) => `${m} m`, bells: { arrive: "School begins", leave: "School ends" }, peakMark: "peak hours", bellMark: "school bells",
  },
  users: {
    title: "Users and rights", add: "Add user", name: "User name", person: "Person", role: "Role", unit: "Unit", active: "Active", inactive: "Disabled", revoke: "Sign out everywhere", reset: "Reset password", oneTime: (p) => `One-time password: ${p} (shown only once)`,
    mustChange: "to change password", revoked: "Signed out", actions: "Actions", state: "State", noRight: "Only administrators manage users", disable: "Disable", enable: "Enable", saved: "Saved", noUnit: "No unit", self: "Nobody edits their own rights",
  },
  audit: {
    title: "Audit log", lead: "Append only, each row chained to the one before by hash", at: "Time", user: "User", action: "Action", object: "Object", detail: "Detail", verify: "Verify the chain", good: (n) => `Verified: ${n} rows, chain intact`, bad: "Verification failed: the chain breaks at",
    more: "Load older rows", noRight: "Your role may not see the audit log", none: "No rows yet", addr: "Address",
  },
  jobs: { effect: "judging cases", "import.read": "Reading the file", "import.commit": "Writing tickets", "import.undo": "Undoing the import", locate: "Locating tickets", survey: "Forming sites", roster: "Making the roster", rebuild: "Computing anew", hotspot: "Running a method", alarm: "Scanning weeks", "site.edit": "Correcting a site", "plan.measures": "Making a plan of measures", failed: "A job failed" },
  unit: { items: (n) => `${n} tickets`, people: (n) => `${n} people`, metres: (n) => `${n} m`, rows: (n) => `${n} rows` },
  roles: { clerk: "Intake clerk", officer: "Squad officer", squad_leader: "Squad leader", deputy_leader: "Deputy leader", principal_leader: "Principal leader", planner: "Planner", auditor: "Auditor", admin: "Administrator", liaison: "Partner office", publicist: "Publicist", public: "Public" },
  codes: {
    channel: { "12345": "12345 hotline", "12123": "12123 voice", media: "New media", "122": "122 calls", supervision: "Supervision site", patrol: "Patrol", walkin: "Walk-in", api: "API", unknown: "Not stated" },
    state: { intake: "To assess", triaged: "To assign", assigned: "To sign for", working: "Working", suspended: "Suspended", review: "To approve", closed: "To call back", archived: "Archived", rejected: "Not accepted", returned: "Returned", merged: "Merged", withdrawn: "Withdrawn", on_account: "On account" },
    precision: { point: "Point", address: "House number", intersection: "Intersection", poi: "Place", segment: "Segment", road: "Road", area: "Area", none: "No place" },
  },
  siteKinds: { school_gate: "School gate", parking_entrance: "Parking entrance", intersection: "Intersection", hospital: "Hospital", market: "Market", estate: "Housing estate", stop: "Bus stop", frontage: "Street stretch", place: "Place", spot: "Unnamed spot" },
  events: { active: "active", dormant: "dormant", merged: "merged", born: "Formed", kept: "Kept", moved: "Moved", renamed: "Renamed", split: "Split", revived: "Revived", pinned: "Pinned", released: "Unpinned", restored: "Restored (merge taken back)" },
  days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
};
