"""How good labels are: pure functions over integers and dataclasses, without Django.

Where what is:

agreement of two people
    records      Answer, Instant, Interval, Tolerances; answer_of(labels, schema)
    events, segments, text, differences   the pairs themselves, for pages that show them
    counts       count_pair(a, b, ...) -> PairCounts: everything comparable, as sums that add
    bounds       Moments -> estimate_of -> Estimate; gate; episodes_to_pass
many people, many episodes
    episodes     EpisodeCounter.add(EpisodeAnswers...).counts(): sums an episode, any slice adds
    figures      agreement_figures(counts): every figure with its interval; above_chance
    bootstrap    EpisodeBootstrap, timing_spread: intervals of what is no plain rate
    categorical  outcomes of any number of raters: P_o, alpha, AC1, Cohen's and Fleiss' kappa
    timeline     duration_alpha, frame_accuracy from PairCounts.durations
    slots        slots_of(text): verb, object, target, side, modifier; text: word_similarity
    simulation   annotators of known accuracy, bias and confusion, to check all of it against
accepted     Accepted, count_against: gold with several right answers and optional labels
calibration.sprt, .drift (cusum, ewma, p_chart), .standing (posterior, standing),
    .picture (pictures: belief, state and chart of everybody), .spread (expert_spread), .delay,
    .difficulty (rasch), .gold (pass_rate, late_exposure, gold_is_due, calibrate_tolerance),
    .trials (Trials.of(tally): one gold episode's result; measured_deff)
consensus.votes (majority), .events (event_consensus), .segments (segment_consensus),
    .dawid_skene (dawid_skene)
acceptance.plans (plan, offered_plans, recommended_plan, operating_characteristic,
    bad_share_bounds), .standard (standard_plan), .sampling (stratified_sample),
    .progress (progress)
checks.alignment, .segmentation, .coverage, .edge_cases: the four dataset checks, each answering
    with a checks.result.CheckResult
refused      InputRefused, Reason and EXPLAINED: what is undefined is None with a Reason

Formulas, units and sources are in the modules, the words for readers in docs/measures.md.
"""
