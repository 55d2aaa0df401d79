"""Real tables of bikes, wines and arrests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xaikit.datasets._dataset import Dataset
from xaikit.datasets._packaged import packaged_table

# UCI's labels of the seasons are one late: its "spring" runs from 21 December to 20 March.
_SEASONS = {"spring": "winter", "summer": "spring", "fall": "summer", "winter": "autumn"}
_WEATHER = ["clear", "misty", "rain", "heavy_rain"]


def bike() -> Dataset:
    """Load 17,379 hours of bike rentals in Washington, D.C., in 2011 and 2012.

    Returns
    -------
    Dataset
        y is the number of bikes rented in the hour, at least 1.

    Raises
    ------
    ImportError
        If shapiq, which carries the table, is not installed.

    Notes
    -----
    Two things are put right here. The seasons have their own names again: UCI's
    "spring" is January. And temperatures are in degrees Celsius: the packaged table has
    UCI's share of the maximum times 41 (felt: 50), where UCI's description gives
    (t + 8) / 47 (felt: (t + 16) / 66), so that its January has a mean of 9.7 degrees
    in place of 3.2.

    Source: Fanaee-T, H. and Gama, J. (2014), DOI 10.1007/s13748-013-0040-3.

    Taught in: global/effects.

    Examples
    --------
    >>> data = bike()
    >>> data.X.groupby("season", observed=True)["temp"].mean().round(1).to_dict()
    {'winter': 6.1, 'spring': 17.6, 'summer': 25.2, 'autumn': 11.9}
    """
    table = packaged_table("shapiq", "datasets", "data", "bike.csv")
    X = table.drop(columns="count")
    X["season"] = pd.Categorical(X["season"].map(_SEASONS), categories=list(_SEASONS.values()))
    X["weather"] = pd.Categorical(X["weather"], categories=_WEATHER, ordered=True)
    X["temp"] = (X["temp"] / 41 * 47 - 8).round(2)
    X["feel_temp"] = (X["feel_temp"] / 50 * 66 - 16).round(2)
    return Dataset(
        X=X,
        y=table["count"].astype(np.int64),
        feature_names=tuple(X.columns),
        target_names=("bikes rented in the hour",),
        description=(
            "Hours of Capital Bikeshare in order of time. month 1 to 12; hour 0 to 23; holiday, "
            "workingday: 1 = yes; weekday: 0 = Sunday; temp and feel_temp in degrees Celsius; "
            "humidity from 0 to 1; windspeed in a unit that UCI does not state. y: bikes rented "
            "in the hour. What is wrong with it: 165 hours have no row, and y is "
            "never 0; use grew by 65% from the first year to the second "
            "and neighbouring hours are alike, so that a random split flatters a model; humidity "
            "is 0 for 22 hours of March 2011 and feel_temp is 0 all day on 17 August 2012, both "
            "faults of the measurement; three hours only of heavy rain; temp and feel_temp are "
            "nearly one variable, and so are season and month; one city, long ago."
        ),
        source=(
            "Fanaee-T, H. and Gama, J. (2014). Event labeling combining ensemble detectors and "
            "background knowledge. Progress in Artificial Intelligence 2, 113–127. "
            "https://doi.org/10.1007/s13748-013-0040-3. Data: UCI Machine Learning Repository, "
            "https://doi.org/10.24432/C5W894. Carried by shapiq."
        ),
        licence="CC BY 4.0",
    )


def wine() -> Dataset:
    """Load 178 wines of Piedmont, three cultivars, with 13 measures of their chemistry.

    Returns
    -------
    Dataset
        y is 0 for Barolo (59 rows), 1 for Grignolino (71) and 2 for Barbera (48).
        scikit-learn calls them class_0, class_1 and class_2.

    Notes
    -----
    Source: Aeberhard, S. and Forina, M. (1992), DOI 10.24432/C5PC7J. The names are
    those of Forina, M., Armanino, C., Castino, M. and Ubigli, M. (1986), Multivariate
    data analysis as a discriminating method of the origin of wines, Vitis 25, 189-201.

    Taught in: no chapter yet.

    Examples
    --------
    >>> data = wine()
    >>> data.X.groupby(data.y)["flavanoids"].mean().round(1).to_dict()
    {0: 3.0, 1: 2.1, 2: 0.8}
    """
    from sklearn.datasets import load_wine

    bunch = load_wine(as_frame=True)
    return Dataset(
        X=bunch.data,
        y=bunch.target.astype(np.int64).rename("cultivar"),
        feature_names=tuple(bunch.data.columns),
        target_names=("Barolo", "Grignolino", "Barbera"),
        description=(
            "Wines of one region of Italy, Piedmont: alcohol in per cent, colour, and eleven more "
            "measures of their chemistry (alcalinity stands for alkalinity). y: 0 = Barolo, 1 = "
            "Grignolino, 2 = Barbera. What is wrong with it: a few rules on two measures tell the "
            "three apart, so that almost any model is right and almost any explanation looks "
            "good; 13 of the paper's 28 measures, chosen by nobody knows whom; no units; sorted "
            "by class; the total phenols hold the flavanoids, so that how they share "
            "an attribution is arbitrary."
        ),
        source=(
            "Aeberhard, S. and Forina, M. (1992). Wine. UCI Machine Learning Repository. "
            "https://doi.org/10.24432/C5PC7J. Carried by scikit-learn."
        ),
        licence="CC BY 4.0",
    )


def arrests() -> Dataset:
    """Load 5,226 arrests in Toronto for a little marijuana, and who was let go.

    Returns
    -------
    Dataset
        y is **1 for released** with a summons (4,334 rows) and 0 for held (892 rows).

    Raises
    ------
    ImportError
        If scikit-lego, which carries the table, is not installed.

    Notes
    -----
    The outcome is the officer's choice, not something the person did: a model of it
    describes the police.

    Source: Friendly, M., in Fox, J., Weisberg, S. and Price, B., carData,
    DOI 10.32614/CRAN.package.carData.

    Taught in: no chapter yet.

    Examples
    --------
    >>> data = arrests()
    >>> data.y.groupby(data.X["colour"], observed=True).mean().round(2).to_dict()
    {'Black': 0.74, 'White': 0.86}
    """
    table = packaged_table("sklego", "data", "arrests.zip")
    X = table.drop(columns="released")
    for name in X.columns:
        if not pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype("category")
    return Dataset(
        X=X,
        y=(table["released"] == "Yes").astype(np.int64).rename("released"),
        feature_names=tuple(X.columns),
        target_names=("held", "released"),
        description=(
            "Arrests in Toronto, 1997 to 2002, for possession of a small quantity of marijuana; "
            "checks: in how many of six police databases the name was found. y: 0 = held, 1 = "
            "released with a summons. What is wrong with it: only people who were arrested, so "
            "that who is stopped and searched, and where, is out of sight; colour has two levels "
            "only; checks counts earlier dealings with the police and "
            "carries their bias on, as employed and citizen may; 1997 and 2002 have few "
            "rows; 2,347 rows repeat another, as the columns are coarse."
        ),
        source=(
            "Friendly, M., York University, part of the data behind articles in the Toronto Star; "
            "as Arrests in Fox, J., Weisberg, S. and Price, B., carData: Companion to Applied "
            "Regression Data Sets, https://doi.org/10.32614/CRAN.package.carData. Carried by "
            "scikit-lego."
        ),
        licence="GPL 2 or later (carData); none stated for the data themselves",
    )
