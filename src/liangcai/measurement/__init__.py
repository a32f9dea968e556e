"""Arrays in, estimates out: responses, calibration, scores, fairness, cut scores, and their errors.

Nothing here knows a standard, an item text or a person's name. Abilities are logits on a scale
with mean 0 and standard deviation 1 in the reference group; scores are 0 to 100.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from liangcai.measurement.public_names import MODULE_OF

if TYPE_CHECKING:
    from liangcai.measurement.adaptive.blueprint import Blueprint as Blueprint
    from liangcai.measurement.adaptive.design import Design as Design
    from liangcai.measurement.adaptive.error_rates import hold_error_rates as hold_error_rates
    from liangcai.measurement.adaptive.item_pool import item_pool as item_pool
    from liangcai.measurement.adaptive.lotteries import sympson_hetter as sympson_hetter
    from liangcai.measurement.adaptive.session import answer as answer
    from liangcai.measurement.adaptive.session import begin as begin
    from liangcai.measurement.adaptive.session import replay as replay
    from liangcai.measurement.adaptive.simulation import simulate as simulate
    from liangcai.measurement.agreement.exact import exact_agreement as exact_agreement
    from liangcai.measurement.agreement.gwet import gwet_agreement as gwet_agreement
    from liangcai.measurement.agreement.intraclass import (
        intraclass_correlation as intraclass_correlation,
    )
    from liangcai.measurement.agreement.kappa import cohen_kappa as cohen_kappa
    from liangcai.measurement.agreement.kappa import fleiss_kappa as fleiss_kappa
    from liangcai.measurement.agreement.krippendorff import krippendorff_alpha as krippendorff_alpha
    from liangcai.measurement.agreement.machine import (
        human_machine_difference as human_machine_difference,
    )
    from liangcai.measurement.calibration.cluster import (
        calibrate_on_cluster as calibrate_on_cluster,
    )
    from liangcai.measurement.calibration.device import calibrate_on_device as calibrate_on_device
    from liangcai.measurement.calibration.models import FourParameter as FourParameter
    from liangcai.measurement.calibration.models import (
        GeneralizedPartialCredit as GeneralizedPartialCredit,
    )
    from liangcai.measurement.calibration.models import GradedResponse as GradedResponse
    from liangcai.measurement.calibration.models import Mixed as Mixed
    from liangcai.measurement.calibration.models import Nominal as Nominal
    from liangcai.measurement.calibration.models import OneParameter as OneParameter
    from liangcai.measurement.calibration.models import PartialCredit as PartialCredit
    from liangcai.measurement.calibration.models import Rasch as Rasch
    from liangcai.measurement.calibration.models import RatingScale as RatingScale
    from liangcai.measurement.calibration.models import ThreeParameter as ThreeParameter
    from liangcai.measurement.calibration.models import TwoParameter as TwoParameter
    from liangcai.measurement.calibration.models import model_named as model_named
    from liangcai.measurement.calibration.multidimensional import BetweenItem as BetweenItem
    from liangcai.measurement.calibration.priors import Beta as Beta
    from liangcai.measurement.calibration.priors import LogNormal as LogNormal
    from liangcai.measurement.calibration.priors import Normal as Normal
    from liangcai.measurement.calibration.priors import Priors as Priors
    from liangcai.measurement.calibration.request import Settings as Settings
    from liangcai.measurement.calibration.result import Calibration as Calibration
    from liangcai.measurement.classical.conditional_error import (
        feldt_qualls_errors as feldt_qualls_errors,
    )
    from liangcai.measurement.classical.conditional_error import keats_errors as keats_errors
    from liangcai.measurement.classical.conditional_error import lord_errors as lord_errors
    from liangcai.measurement.classical.conditional_error import model_errors as model_errors
    from liangcai.measurement.classical.conditional_error import (
        number_right_errors as number_right_errors,
    )
    from liangcai.measurement.classical.distractors import (
        distractor_analysis as distractor_analysis,
    )
    from liangcai.measurement.classical.items import item_analysis as item_analysis
    from liangcai.measurement.classical.one_factor import one_factor as one_factor
    from liangcai.measurement.classical.ordinal import ordinal_reliability as ordinal_reliability
    from liangcai.measurement.classical.reliability import (
        bootstrap_reliability as bootstrap_reliability,
    )
    from liangcai.measurement.classical.reliability import reliability as reliability
    from liangcai.measurement.classical.split_halves import spearman_brown as spearman_brown
    from liangcai.measurement.classical.split_halves import split_halves as split_halves
    from liangcai.measurement.classical.split_halves import stratified_alpha as stratified_alpha
    from liangcai.measurement.classification.compound import CompoundRule as CompoundRule
    from liangcai.measurement.classification.compound import compound as compound
    from liangcai.measurement.classification.lee import lee as lee
    from liangcai.measurement.classification.rudner import from_reliability as from_reliability
    from liangcai.measurement.classification.rudner import rudner as rudner
    from liangcai.measurement.classification.strong_true_score import (
        hanson_brennan as hanson_brennan,
    )
    from liangcai.measurement.classification.strong_true_score import (
        livingston_lewis as livingston_lewis,
    )
    from liangcai.measurement.comparison.bradley_terry import fit_comparisons as fit_comparisons
    from liangcai.measurement.comparison.joint import fit_joint as fit_joint
    from liangcai.measurement.comparison.judgements import comparisons_of as comparisons_of
    from liangcai.measurement.comparison.misfit import judge_fit as judge_fit
    from liangcai.measurement.comparison.pairing import adaptive_pairs as adaptive_pairs
    from liangcai.measurement.comparison.pairing import chained_pairs as chained_pairs
    from liangcai.measurement.comparison.ratings import rubric_ratings as rubric_ratings
    from liangcai.measurement.comparison.reliability import (
        separation_reliability as separation_reliability,
    )
    from liangcai.measurement.dimensionality.definite import (
        nearest_correlation as nearest_correlation,
    )
    from liangcai.measurement.dimensionality.detect import detect as detect
    from liangcai.measurement.dimensionality.eigenvalues import eigenvalues as eigenvalues
    from liangcai.measurement.dimensionality.parallel import parallel_analysis as parallel_analysis
    from liangcai.measurement.dimensionality.partial import (
        minimum_average_partial as minimum_average_partial,
    )
    from liangcai.measurement.dimensionality.polychoric import (
        polychoric_correlations as polychoric_correlations,
    )
    from liangcai.measurement.equating.conversion import bootstrap_equate as bootstrap_equate
    from liangcai.measurement.equating.conversion import equate as equate
    from liangcai.measurement.equating.degrees import choose_degrees as choose_degrees
    from liangcai.measurement.equating.designs import AnchorGroups as AnchorGroups
    from liangcai.measurement.equating.designs import RandomGroups as RandomGroups
    from liangcai.measurement.equating.designs import SingleGroup as SingleGroup
    from liangcai.measurement.equating.designs import joint_frequencies as joint_frequencies
    from liangcai.measurement.equating.designs import score_frequencies as score_frequencies
    from liangcai.measurement.equating.presmoothing import log_linear as log_linear
    from liangcai.measurement.equating.scale_scores import (
        compare_conversions as compare_conversions,
    )
    from liangcai.measurement.equating.scale_scores import scale_scores as scale_scores
    from liangcai.measurement.facets.connection import connection_of as connection_of
    from liangcai.measurement.facets.drift import drift as drift
    from liangcai.measurement.facets.effects import rater_effects as rater_effects
    from liangcai.measurement.facets.fit import element_fit as element_fit
    from liangcai.measurement.facets.interaction import interaction as interaction
    from liangcai.measurement.facets.model import ManyFacet as ManyFacet
    from liangcai.measurement.facets.persons import person_measures as person_measures
    from liangcai.measurement.facets.ratings import ratings_of as ratings_of
    from liangcai.measurement.facets.separation import separation_of as separation_of
    from liangcai.measurement.facets.unexpected import unexpected_ratings as unexpected_ratings
    from liangcai.measurement.fairness.calibrated_fit import calibrated_fit as calibrated_fit
    from liangcai.measurement.fairness.impact import crossed_groups as crossed_groups
    from liangcai.measurement.fairness.impact import impact as impact
    from liangcai.measurement.fairness.impact import impact_of_counts as impact_of_counts
    from liangcai.measurement.fairness.likelihood_ratio import (
        likelihood_ratio_dif as likelihood_ratio_dif,
    )
    from liangcai.measurement.fairness.logistic import logistic_dif as logistic_dif
    from liangcai.measurement.fairness.mantel_haenszel import mantel_haenszel as mantel_haenszel
    from liangcai.measurement.fairness.matching import Matching as Matching
    from liangcai.measurement.fairness.mean_differences import mean_differences as mean_differences
    from liangcai.measurement.fairness.odds_homogeneity import odds_homogeneity as odds_homogeneity
    from liangcai.measurement.fairness.polytomous import joint_dif as joint_dif
    from liangcai.measurement.fairness.polytomous import polytomous_dif as polytomous_dif
    from liangcai.measurement.fairness.power import dif_power as dif_power
    from liangcai.measurement.fairness.power import focal_count_for as focal_count_for
    from liangcai.measurement.fairness.power_simulation import simulated_power as simulated_power
    from liangcai.measurement.fairness.purification import purified as purified
    from liangcai.measurement.fairness.whole_test import (
        differential_test_functioning as differential_test_functioning,
    )
    from liangcai.measurement.fit.information_tables import information_table as information_table
    from liangcai.measurement.fit.information_tables import residual_curves as residual_curves
    from liangcai.measurement.fit.limited_information import (
        limited_information_fit as limited_information_fit,
    )
    from liangcai.measurement.fit.local_dependence import pair_fit as pair_fit
    from liangcai.measurement.fit.local_dependence import q3 as q3
    from liangcai.measurement.fit.mean_squares import mean_squares as mean_squares
    from liangcai.measurement.fit.summed_score_fit import summed_score_fit as summed_score_fit
    from liangcai.measurement.generalizability.components import (
        variance_components as variance_components,
    )
    from liangcai.measurement.generalizability.decision import cheapest_plan as cheapest_plan
    from liangcai.measurement.generalizability.decision import decision_study as decision_study
    from liangcai.measurement.linking.drift import anchor_drift as anchor_drift
    from liangcai.measurement.linking.drift import link_stable_anchors as link_stable_anchors
    from liangcai.measurement.linking.errors import item_link_error as item_link_error
    from liangcai.measurement.linking.errors import parameter_link_error as parameter_link_error
    from liangcai.measurement.linking.link import link as link
    from liangcai.measurement.linking.score_equating import (
        observed_score_equating as observed_score_equating,
    )
    from liangcai.measurement.linking.score_equating import (
        true_score_equating as true_score_equating,
    )
    from liangcai.measurement.models.curves import category_curves as category_curves
    from liangcai.measurement.models.curves import expected_scores as expected_scores
    from liangcai.measurement.models.curves import information as information
    from liangcai.measurement.models.curves import log_probabilities as log_probabilities
    from liangcai.measurement.models.items import ItemParameters as ItemParameters
    from liangcai.measurement.person_fit.likelihood import likelihood_fit as likelihood_fit
    from liangcai.measurement.person_fit.ranks import rank_fit as rank_fit
    from liangcai.measurement.person_fit.ranks import step_order as step_order
    from liangcai.measurement.person_fit.residuals import residual_fit as residual_fit
    from liangcai.measurement.person_fit.simulated import simulated_fit as simulated_fit
    from liangcai.measurement.person_fit.transposed_scalability import (
        transposed_scalability as transposed_scalability,
    )
    from liangcai.measurement.report.adaptive import cat_report as cat_report
    from liangcai.measurement.report.calibration import calibration_report as calibration_report
    from liangcai.measurement.report.cut import cut_report as cut_report
    from liangcai.measurement.report.dif import dif_report as dif_report
    from liangcai.measurement.report.parts import results_report as results_report
    from liangcai.measurement.report.raters import raters_report as raters_report
    from liangcai.measurement.responses.check import check_responses as check_responses
    from liangcai.measurement.responses.csv_long import read_long_csv as read_long_csv
    from liangcai.measurement.responses.csv_wide import read_responses_csv as read_responses_csv
    from liangcai.measurement.responses.frames import (
        long_responses_from_frame as long_responses_from_frame,
    )
    from liangcai.measurement.responses.frames import responses_from_frame as responses_from_frame
    from liangcai.measurement.responses.long import LongResponses as LongResponses
    from liangcai.measurement.responses.long import long_responses_of as long_responses_of
    from liangcai.measurement.responses.matrix import Responses as Responses
    from liangcai.measurement.responses.matrix import responses_of as responses_of
    from liangcai.measurement.responses.memory_map import as_memory_map as as_memory_map
    from liangcai.measurement.responses.memory_map import open_memory_map as open_memory_map
    from liangcai.measurement.responses.moments import by_group as by_group
    from liangcai.measurement.responses.parquet import read_long_parquet as read_long_parquet
    from liangcai.measurement.responses.parquet import (
        read_responses_parquet as read_responses_parquet,
    )
    from liangcai.measurement.responses.write import write_responses_csv as write_responses_csv
    from liangcai.measurement.results import Result as Result
    from liangcai.measurement.scoring.dimensions import score_dimensions as score_dimensions
    from liangcai.measurement.scoring.persons import score as score
    from liangcai.measurement.scoring.plausible import plausible_values as plausible_values
    from liangcai.measurement.scoring.reliability import (
        empirical_reliability as empirical_reliability,
    )
    from liangcai.measurement.scoring.reliability import (
        marginal_reliability as marginal_reliability,
    )
    from liangcai.measurement.scoring.scale import ScoreScale as ScoreScale
    from liangcai.measurement.scoring.summed import expected_score_table as expected_score_table
    from liangcai.measurement.scoring.summed import summed_score_eap as summed_score_eap
    from liangcai.measurement.scoring.summed import (
        theta_of_expected_score as theta_of_expected_score,
    )
    from liangcai.measurement.standard_setting.angoff import angoff as angoff
    from liangcai.measurement.standard_setting.body_of_work import body_of_work as body_of_work
    from liangcai.measurement.standard_setting.bookmark import bookmark as bookmark
    from liangcai.measurement.standard_setting.bookmark import (
        ordered_item_booklet as ordered_item_booklet,
    )
    from liangcai.measurement.standard_setting.borderline import (
        borderline_group as borderline_group,
    )
    from liangcai.measurement.standard_setting.borderline import (
        borderline_regression as borderline_regression,
    )
    from liangcai.measurement.standard_setting.consequences import consequences as consequences
    from liangcai.measurement.standard_setting.ebel import ebel as ebel
    from liangcai.measurement.standard_setting.groups import (
        contrasting_groups as contrasting_groups,
    )
    from liangcai.measurement.standard_setting.hofstee import hofstee as hofstee
    from liangcai.measurement.standard_setting.judge_consistency import (
        consistency_with_curves as consistency_with_curves,
    )
    from liangcai.measurement.standard_setting.judge_consistency import (
        consistency_with_p_values as consistency_with_p_values,
    )
    from liangcai.measurement.standard_setting.rounds import convergence as convergence
    from liangcai.measurement.standard_setting.theta_cut import theta_cut as theta_cut


__all__ = list(MODULE_OF)


def __getattr__(name: str) -> Any:
    # Loaded on first use, so that importing the package costs nothing.
    if name in MODULE_OF:
        return getattr(import_module(f"{__name__}.{MODULE_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(MODULE_OF)
