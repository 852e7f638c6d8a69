"""The main job, end to end: an address becomes a plate on a door, a scan becomes help, a paid order, an answer."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.journeys.artisan_steps import (
    an_artisan_is_entered_and_verified,
    another_is_reached_through_the_village,
    the_first_withdraws,
)
from tests.journeys.household_steps import (
    a_person_joins_a_household_by_slip_and_leaves,
    another_joins_by_the_officers_confirmation_and_leaves,
)
from tests.journeys.land_steps import (
    a_clerk_opens_a_village,
    a_county_imports_its_division_table,
    a_villager_scans_one,
    the_clerk_draws_grids_and_names_their_officers,
    the_clerk_imports_doors_from_sheets,
    the_clerk_prints_plates,
)
from tests.journeys.market_steps import (
    a_city_buyer_pays_by_alipay,
    a_farmer_lists_produce,
    another_pays_at_pickup,
)
from tests.journeys.matter_steps import (
    a_matter_about_cadres_goes_to_the_town,
    a_villager_reports_a_matter_and_reads_the_answer,
    another_photographs_what_is_wrong_at_another_door,
    another_speaks_instead_of_writing,
)
from tests.journeys.notice_steps import an_official_posts_a_notice, another_is_spoken_for_later
from tests.journeys.site import Site
from tests.journeys.story import Story


def test_from_a_standard_address_to_an_answer(browser: Browser, site: Site, tmp_path: Path) -> None:
    story = Story(browser, site, tmp_path)
    a_county_imports_its_division_table(story)
    a_clerk_opens_a_village(story)
    the_clerk_draws_grids_and_names_their_officers(story)
    the_clerk_imports_doors_from_sheets(story)
    the_clerk_prints_plates(story)
    a_villager_scans_one(story)
    an_official_posts_a_notice(story)
    another_is_spoken_for_later(story)
    an_artisan_is_entered_and_verified(story)
    another_is_reached_through_the_village(story)
    the_first_withdraws(story)
    a_farmer_lists_produce(story)
    a_city_buyer_pays_by_alipay(story)
    another_pays_at_pickup(story)
    a_villager_reports_a_matter_and_reads_the_answer(story)
    another_speaks_instead_of_writing(story)
    another_photographs_what_is_wrong_at_another_door(story)
    a_matter_about_cadres_goes_to_the_town(story)
    a_person_joins_a_household_by_slip_and_leaves(story)
    another_joins_by_the_officers_confirmation_and_leaves(story)
